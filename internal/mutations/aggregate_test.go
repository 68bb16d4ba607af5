package mutations

var ofAggregate = []mutation{
	{
		removed: "run that leaves alone what another one has locked", file: "aggregate/job.go",
		before: `if errors.Is(err, store.ErrLocked) {`, after: `if errors.Is(err, store.ErrLocked) && false {`,
		noticedBy: "TestRunBesideAnother/retention",
	},
	{
		removed: "the same for the growth guard", file: "aggregate/run.go",
		before: `if errors.Is(err, store.ErrLocked) {`, after: `if false {`,
		noticedBy: "TestRunBesideAnother/the_growth_guard",
	},
	{
		removed: "the same for the sums of days", file: "store/coarsen.go", in: "aggregate",
		before: `if errors.Is(err, ErrLocked) {`, after: `if errors.Is(err, ErrLocked) && false {`,
		noticedBy: "TestRunBesideAnother/sums_of_days",
	},
	{
		removed: "age at which raw rows become rollups", file: "aggregate/job.go",
		before: `started.Add(-metric.RawRetention).Truncate(time.Hour)`, after: `started.Truncate(time.Hour)`,
		noticedBy: "TestRunAppliesTheRetention",
	},
	{
		removed: "age at which rollups end", file: "aggregate/job.go",
		before: `started.Add(-metric.Retention).Truncate(time.Hour)`, after: `started.Add(-1000 * metric.Retention).Truncate(time.Hour)`,
		noticedBy: "TestRunAppliesTheRetention",
	},
	{
		removed: "second look at a clock that is far ahead of the last run", file: "aggregate/run.go",
		before: `if err := r.believeClock(); err != nil {`, after: `if err := error(nil); err != nil {`,
		noticedBy: "TestClockThatJumpsDeletesNothing",
	},
	{
		removed: "day that a process does not believe such a clock", file: "aggregate/clock.go",
		before: `r.started.Sub(d.since) >= doubtFor`, after: `true`,
		noticedBy: "TestClockThatJumpsDeletesNothing",
	},
	{
		removed: "end of that day", file: "aggregate/clock.go",
		before: `r.started.Sub(d.since) >= doubtFor`, after: `false`,
		noticedBy: "TestLongIdleIsNotForEver/after_a_day",
	},
	{
		removed: "next process, which goes on", file: "aggregate/clock.go",
		before: `case isDoubted && d.since.IsZero():`, after: `case false:`,
		noticedBy: "TestLongIdleIsNotForEver/the_next_process",
	},
	{
		removed: "doubt that a run which failed leaves", file: "aggregate/clock.go",
		before: `r.last.Outcome == OutcomeDoubted`, after: `(r.last.Outcome == OutcomeDoubted || r.last.Outcome == OutcomeFailed)`,
		noticedBy: "TestClockIsDoubtedEveryTime/a_run_that_was_stopped",
	},
	{
		removed: "end of a doubt by another run", file: "aggregate/clock.go",
		before: `		d.since = time.Time{}
`, after: ``,
		noticedBy: "TestClockIsDoubtedEveryTime/a_process_that_has_believed_one",
	},
	{
		removed: "end of what a clock that was ahead has recorded", file: "store/run.go",
		before: `r.FinishedAt.Add(MaxClockSkew)`, after: `r.FinishedAt.AddDate(100, 0, 0)`,
		noticedBy: "TestRunsOfTheFutureAreForgotten", in: "aggregate",
	},
	{
		removed: "view of the runs by this clock", file: "aggregate/run.go",
		before: `LastRunBefore(ctx, r.started)`, after: `LastRun(ctx)`,
		noticedBy: "TestClockIsDoubtedEveryTime/a_clock_that_is_less_wrong",
	},
	{
		removed: "how far the clocks of machine and database may be apart", file: "aggregate/clock.go",
		before: `skew.Abs() > maxSkew`, after: `false`,
		noticedBy: "TestClockOfTheDatabase",
	},
	{
		removed: "limit of rows", file: "aggregate/guard.go",
		before: `rows > t.LimitRows && `, after: ``,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "limit of growth", file: "aggregate/guard.go",
		before: ` && g.RowsADay > float64(t.RowsADay)`, after: ``,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "hour that growth is counted over at least", file: "aggregate/guard.go",
		before: `max(now.Sub(last.FinishedAt), time.Hour)`, after: `now.Sub(last.FinishedAt)`,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "default of the limit of rows", file: "aggregate/guard.go",
		before: `DefaultLimitRows = 1_000_000`, after: `DefaultLimitRows = 1 << 60`,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "default of the number of rows that warns", file: "aggregate/guard.go",
		before: `DefaultWarnRows  = 800_000`, after: `DefaultWarnRows  = 1 << 60`,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "default of the limit of growth", file: "aggregate/guard.go",
		before: `DefaultRowsADay  = 10_000`, after: `DefaultRowsADay  = 1 << 60`,
		noticedBy: "TestGuardCompares",
	},
	{
		removed: "hour that runs, which the growth guard leaves alone", file: "aggregate/run.go",
		before: `RawBefore: r.started.Truncate(time.Hour)`, after: `RawBefore: r.started.Add(time.Hour)`,
		noticedBy: "TestGrowthGuardLeavesTheRunningHour",
	},
	{
		removed: "day that is forgotten before an hour of it is replaced", file: "store/retirement.go", in: "store",
		before: "	return r.store.forgetDay(ctx, r.tx, start)\n", after: "	return nil\n",
		noticedBy: "TestLateRowsOutdateTheirDay",
	},
	{
		removed: "bound of raw rows in one transaction", file: "aggregate/run.go",
		before:    "		MaxRows: r.maxRows, DryRun: r.report.DryRun, Progress: r.progress,\n",
		after:     "		DryRun: r.report.DryRun, Progress: r.progress,\n",
		noticedBy: "TestRowsOfATransactionAreBounded",
	},
}
