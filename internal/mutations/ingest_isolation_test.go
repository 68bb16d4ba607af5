package mutations

// The search for samples that the store refuses.
var ofIngestIsolation = []mutation{
	{
		removed: "patience with a younger run that grows", file: "ingest/drain_account.go",
		before: `trialAfter(d.refusals, 0)`, after: `trialAfter(0, 0)`,
		noticedBy: "TestBadSamplesOfTwoRunsAreNotInTheWayForGood",
	},
	{
		removed: "smaller writes of a younger run", file: "ingest/drain_account.go",
		before: `d.takeLess()`, after: `d.limit = max(d.limit, 1)`,
		noticedBy: "TestBadSamplesOfTwoRunsAreNotInTheWayForGood",
	},
	{
		removed: "pause after a position that was refused", file: "ingest/verdict.go",
		before: `, i == j:`, after: `:`,
		noticedBy: "TestPositionThatIsRefusedWaits",
	},
	{
		removed: "patience that grows with refusals", file: "ingest/verdict.go",
		before: `suspicion << min(refusals, maxPatience)`, after: `suspicion << min(refusals, 0)`,
		noticedBy: "TestManyRefusedSamplesInARowArePassedOver",
	},
	{
		removed: "batches of one kind of ids", file: "ingest/stretch.go",
		before: `if checks.allow(p.batch) {`, after: `if checks.allow(p.batch) || true {`,
		noticedBy: "TestWhatIsStoredTogether",
	},
	{
		removed: "bound of samples that a store may refuse alone", file: "ingest/isolate.go",
		before: `len(f.todo) > 0 && len(f.suspects) < f.trial.patience`, after: `len(f.todo) > 0`,
		noticedBy: "TestStoreThatRefusesEverythingLosesNothing",
	},
	{
		removed: "the same bound behind samples that were taken", file: "ingest/isolate.go",
		before: `f.trial = trialAfter(0, 0)`, after: `f.trial = trialAfter(maxPatience, 0)`,
		noticedBy: "TestFaultBetweenOthersIsLookedAtAgain",
	},
	{
		removed: "keeping of samples with none taken behind them", file: "ingest/isolate.go",
		before:    "	return f.passed\n}\n\n// step",
		after:     "	return l.leave(ctx, s, verdict{refused: f.passed.refused}, f.suspects, f.cause)\n}\n\n// step",
		noticedBy: "TestFaultThatBeginsBehindABadSampleLosesNothing",
	},
	{
		removed: "last look at suspects before another sample is taken", file: "ingest/isolate.go",
		before: `k, err := f.line.again(ctx, f.s, look)`, after: `k, err := -1, error(nil)`,
		noticedBy: "TestFaultThatGoesAwayIsLookedAtAgain",
	},
	{
		removed: "last look at all of a few suspects", file: "ingest/isolate.go",
		before: `	look := f.suspects`, after: `	look := f.suspects[:min(len(f.suspects), 1)]`,
		noticedBy: "TestFaultBehindBadSamplesIsLookedAtAgain",
	},
	{
		removed: "second look at each of many suspects", file: "ingest/isolate.go",
		before: `look[max(f.sure, 1):]`, after: `look[len(look):]`,
		noticedBy: "TestFaultBehindBadSamplesIsLookedAtAgain",
	},
	{
		removed: "looks of earlier tries, which need not be repeated", file: "ingest/isolate.go",
		before: `min(f.trial.known, n)`, after: `min(0, n)`,
		noticedBy: "TestStoreThatRefusesEverythingLosesNothingOfTheSpool",
	},
	{
		removed: "last look at the last samples of a run", file: "ingest/verdict.go",
		before: `k, err := l.again(ctx, s, refused)`, after: `k, err := -1, error(nil)`,
		noticedBy: "TestFaultOfAnEarlierRunThatGoesAwayLosesNothing",
	},
	{
		removed: "bound of last looks", file: "ingest/isolate.go",
		before: `n > suspicion {`, after: `n > 1<<30 {`,
		noticedBy: "TestStoreThatRefusesEverythingLosesNothing",
	},
}
