package mutations

// Of copies: what they lock and bound is in two packages.
var ofTransfer = []mutation{
	{
		removed: "lock of the target by the run that may write", file: "store/transfer_origin.go", in: "transfer",
		before: `SET copied_at = $1 WHERE copy_run = $2`, after: `SET copied_at = $1 WHERE $2 = $2`,
		noticedBy: "TestTheLaterOfTwoRunsGoesOn",
	},
	{
		removed: "check of a target that holds rows of others", file: "store/transfer_origin.go", in: "transfer",
		before: `		if holds {`, after: `		if false {`,
		noticedBy: "TestTargetsThatAreRefused",
	},
	{
		removed: "moment at which all of a PostgreSQL is seen", file: "store/postgres.go", in: "transfer",
		before: `Isolation: sql.LevelRepeatableRead, ReadOnly: true`, after: `Isolation: sql.LevelReadCommitted, ReadOnly: true`,
		noticedBy: "TestTheSourceIsSeenAtOneMoment",
	},
	{
		removed: "freedom of a long snapshot from time limits", file: "store/transfer_snapshot.go", in: "store",
		before: "		if err := s.engine.staySteady(ctx, tx); err != nil {\n			return err\n		}\n", after: "",
		noticedBy: "TestSnapshotsMayLast",
	},
	{
		removed: "comparison before a commit", file: "store/transfer_replace.go", in: "transfer",
		before: `if err := r.same(arrived, sent, "is not as it was sent"); err != nil {`, after: `if err := r.same(arrived, arrived, ""); err != nil {`,
		noticedBy: "TestRowsThatArriveChanged",
	},
	{
		removed: "count of the target before anything is changed", file: "transfer/plan.go",
		before: `if err := target.check(table.Name); err != nil {`, after: `if err := error(nil); err != nil {`,
		noticedBy: "TestTargetsThatAreRefused",
	},
	{
		removed: "last count of the target", file: "transfer/transfer.go",
		before: `if d := differences(got, r.slices[t.Name]); d != 0 {`, after: `if d := differences(got, r.slices[t.Name]); false {`,
		noticedBy: "TestRowsOfOthersMeanwhile",
	},
	{
		removed: "bound of rows in one transaction", file: "transfer/plan.go",
		before: ` || held+more > most`, after: ``,
		noticedBy: "TestPartsAreBounded",
	},
	{
		removed: "bound of rows on their way", file: "store/transfer_snapshot.go", in: "transfer",
		before: `len(b.rows) == batchRows || b.bytes >= batchBytes`, after: `b.bytes >= batchBytes`,
		noticedBy: "TestPartsAreBounded",
	},
	{
		removed: "bound of bytes on their way", file: "store/transfer_snapshot.go", in: "transfer",
		before: `len(b.rows) == batchRows || b.bytes >= batchBytes`, after: `len(b.rows) == batchRows`,
		noticedBy: "TestPartsAreBounded",
	},
	{
		removed: "bound of the range of integers", file: "store/transfer_row.go", in: "transfer",
		before: `fitting := min(max(number, math.MinInt32), math.MaxInt32)`, after: `fitting := number + 0*math.MaxInt32`,
		noticedBy: "TestOddRowsAsPostgresCanHoldThem",
	},
	{
		removed: "bound of the digits of numbers in documents", file: "store/transfer_json.go", in: "store",
		before: `mostWholeDigits    = 131_000`, after: `mostWholeDigits    = 1 << 60`,
		noticedBy: "TestDocumentsThatPostgresRefuses",
	},
	{
		removed: "bound of the digits behind a point", file: "store/transfer_json.go", in: "store",
		before: `mostFractionDigits = 16_000`, after: `mostFractionDigits = 1 << 60`,
		noticedBy: "TestDocumentsThatPostgresRefuses",
	},
}
