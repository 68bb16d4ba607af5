package mutations

var ofIngest = []mutation{
	// Bounds of what waits in memory.
	{
		removed: "limit of recorded requests", file: "ingest/queue.go",
		before: `q.closed || q.depth >= room || `, after: `q.closed || `,
		noticedBy: "TestFullQueueDropsNewestCountsAndLogsOncePerInterval",
	},
	{
		removed: "limit of recorded requests in bytes", file: "ingest/queue.go",
		before: ` || q.bytes+size > q.opts.CapacityBytes`, after: ``,
		noticedBy: "TestQueueIsBoundedInBytes",
	},
	{
		removed: "limit of posted samples", file: "ingest/post.go",
		before: `q.postDepth+n > q.opts.Capacity || `, after: ``,
		noticedBy: "TestAcceptIsBounded",
	},
	{
		removed: "limit of posted samples in bytes", file: "ingest/post.go",
		before: ` || q.postBytes+p.size > q.opts.CapacityBytes`, after: ``,
		noticedBy: "TestAcceptIsBoundedInBytes",
	},
	{
		removed: "default of the limit of samples", file: "ingest/queue.go",
		before: `defaultCapacity      = 100_000`, after: `defaultCapacity      = 1 << 40`,
		noticedBy: "TestDefaultsAreBounds",
	},
	{
		removed: "default of the limit of bytes", file: "ingest/queue.go",
		before: `defaultCapacityBytes = 64 << 20`, after: `defaultCapacityBytes = 1 << 40`,
		noticedBy: "TestDefaultsAreBounds",
	},
	{
		removed: "room that a sender gives back who leaves", file: "ingest/post.go",
		before: "		q.posts = slices.Delete(q.posts, i, i+1)\n		q.release(p)\n", after: "		q.posts = slices.Delete(q.posts, i, i+1)\n",
		noticedBy: "TestSenderThatLeavesMakesRoom",
	},
	{
		removed: "room that a post gives back that is on the disk", file: "ingest/keep.go",
		before:    "		q.release(p)\n",
		noticedBy: "TestSenderThatLeavesFreesItsRoom",
	},
	{
		removed: "bound of a group of posts", file: "ingest/post.go",
		before: `total > groupBatches*q.opts.BatchSize || `, after: ``,
		noticedBy: "TestGroupsOfPostsAreBounded",
	},
	{
		removed: "bound of a write from the spool", file: "ingest/drainer.go",
		before: `limit: drainBatches * q.opts.BatchSize`, after: `limit: 1 << 30`,
		noticedBy: "TestWritesFromTheSpoolAreBounded",
	},
	{
		removed: "bound of a write from the spool that grew again", file: "ingest/drainer.go",
		before: `min(d.limit+d.limit/10+1, drainBatches*d.q.opts.BatchSize)`, after: `d.limit+d.limit/10+1`,
		noticedBy: "TestWritesFromTheSpoolAreBounded",
	},
	{
		removed: "bound of a write from the spool in bytes", file: "ingest/drainer.go",
		before: `return drainBytes << min(d.refusals, maxLarger)`, after: `return 1 << 40`,
		noticedBy: "TestWritesFromTheSpoolAreBounded",
	},
	{
		removed: "room in a queue for one for requests to appmetrics", file: "ingest/queue.go",
		before: `room = max(room/2, 1)`, after: `room /= 2`,
		noticedBy: "TestSmallestQueueTakesRequestsToAppmetrics",
	},

	// Bounds of time.
	{
		removed: "time limit of a call of the store", file: "ingest/line.go",
		before: `context.WithTimeout(ctx, timeout)`, after: `context.WithTimeout(ctx, timeout<<20)`,
		noticedBy: "TestSilentStoreIsAway",
	},
	{
		removed: "default of the time limit of a call", file: "ingest/queue.go",
		before: `defaultWriteTimeout  = 30 * time.Second`, after: `defaultWriteTimeout  = 30 * time.Hour`,
		noticedBy: "TestDefaultsOfTime",
	},
	{
		removed: "shorter time limit of the question where a source stands", file: "ingest/line.go",
		before:    `w.guard(ctx, min(w.timeout, askTimeout), func(ctx context.Context) (err error) {`,
		after:     `w.guard(ctx, w.timeout, func(ctx context.Context) (err error) {`,
		noticedBy: "TestQuestionsHaveLessTime",
	},
	{
		removed: "shorter time limit of forgetting sources", file: "ingest/line.go",
		before:    `w.guard(ctx, min(w.timeout, askTimeout), func(ctx context.Context) error { return w.sink.Forget`,
		after:     `w.guard(ctx, w.timeout, func(ctx context.Context) error { return w.sink.Forget`,
		noticedBy: "TestQuestionsHaveLessTime",
	},
	{
		removed: "age at which requests are written", file: "ingest/flusher.go",
		before:    "	case len(q.open) > 0:\n		return q.openedAt.Add(q.opts.MaxAge)\n",
		after:     "	case len(q.open) > 0:\n		return never\n",
		noticedBy: "TestRecordIsWrittenByAge",
	},
	{
		removed: "default of that age", file: "ingest/queue.go",
		before: `defaultMaxAge        = 500 * time.Millisecond`, after: `defaultMaxAge        = 500 * time.Second`,
		noticedBy: "TestDefaultsOfTime",
	},
	{
		removed: "writing of what is young when the program ends", file: "ingest/flusher.go",
		before: `case len(q.full) > 0 || len(q.open) > 0 && f.isStopping:`, after: `case len(q.full) > 0:`,
		noticedBy: "TestStopWritesWhatIsYoung",
	},
	{
		removed: "end of the wait of Stop", file: "ingest/queue.go",
		before: "	case <-ctx.Done():\n		cancel(context.Cause(ctx))\n", after: "	case <-chan struct{}(nil):\n		cancel(context.Cause(ctx))\n",
		noticedBy: "TestStopIsBoundedByItsContext",
	},
	{
		removed: "end of the wait of Stop for a store that hears nothing", file: "ingest/queue.go",
		before: "		case <-grace.C:\n", after: "		case <-chan struct{}(nil):\n",
		noticedBy: "TestStopLeavesADeafStore",
	},
	{
		removed: "bound of tries at Stop", file: "ingest/flusher.go",
		before: `stopTries = 3`, after: `stopTries = 1 << 30`,
		noticedBy: "TestStopReportsWhatIsLost",
	},
	{
		removed: "shorter pauses between tries at Stop", file: "ingest/outage.go",
		before: `wait = min(wait, stopRetry)`, after: `_ = stopRetry`,
		noticedBy: "TestStopReportsWhatIsLost",
	},
	{
		removed: "try at once at Stop", file: "ingest/outage.go",
		before: "	o.isStopping = true\n	o.nextTry = time.Time{}\n", after: "	o.isStopping = true\n",
		noticedBy: "TestStopKeepsTheBacklogOnDisk",
	},
	{
		removed: "bound of what a sender is told to wait", file: "ingest/outage.go",
		before: `min(max(wait, time.Second), maxRetryAfter)`, after: `max(wait, time.Second)`,
		noticedBy: "TestSendersMayComeAgainSoon",
	},
	{
		removed: "bound of the same for the sender who found the store away", file: "ingest/committer.go",
		before: `min(wait, maxRetryAfter)`, after: `wait`,
		noticedBy: "TestSendersMayComeAgainSoon",
	},
	{
		removed: "pause between posts that ask whether the store is back", file: "ingest/outage.go",
		before: `o.writing > 0 || now.Sub(o.probedAt) < probeEvery`, after: `o.writing > 0`,
		noticedBy: "TestAcceptWhileAwayAnswersAtOnce",
	},
	{
		removed: "one post at a time that asks whether the store is back", file: "ingest/outage.go",
		before: `o.writing > 0 || now.Sub(o.probedAt) < probeEvery`, after: `now.Sub(o.probedAt) < probeEvery`,
		noticedBy: "TestOnePostFindsTheStoreBack",
	},
	{
		removed: "pause between logs of drops", file: "ingest/held.go",
		before: `n == 0 || now.Sub(f.loggedAt) < dropLogEvery`, after: `n == 0`,
		noticedBy: "TestFullQueueDropsNewestCountsAndLogsOncePerInterval",
	},

	// Retries.
	{
		removed: "backoff that grows", file: "ingest/outage.go",
		before: `o.steps[min(o.failures, len(o.steps)-1)]`, after: `o.steps[0]`,
		noticedBy: "TestStoreAwayBacksOffAndKeepsEverything",
	},
	{
		removed: "backoff", file: "ingest/outage.go",
		before: "	o.nextTry = now.Add(wait)\n", after: "",
		noticedBy: "TestStoreAwayBacksOffAndKeepsEverything",
	},
	{
		removed: "backoff as it was when a post asked before its end", file: "ingest/outage.go",
		before: `if !isNew && now.Before(o.nextTry) {`, after: `if false {`,
		noticedBy: "TestFailedPostsDoNotLengthenTheBackoff",
	},
	{
		removed: "second try on a connection that broke", file: "ingest/line.go",
		before: "	l.repeated()\n	return l.once(ctx, batch, to, receivedAt)\n", after: "	return err\n",
		noticedBy: "TestBrokenConnectionIsTriedAgainAtOnce",
	},
	{
		removed: "second try of a post on a connection that broke", file: "ingest/committer.go",
		before: `if !isAnswered || !c.writer.unavailable(err) {`, after: `if isAnswered || !isAnswered {`,
		noticedBy: "TestBrokenConnectionIsTriedAgainAtOnce",
	},
	{
		removed: "bound of the tries of a post", file: "ingest/committer.go",
		before: `for range tries {`, after: `for range 100 * tries {`,
		noticedBy: "TestTriesOfAPostAreBounded",
	},
	{
		removed: "question where a source stands after a failure", file: "ingest/line.go",
		before: `_ = l.ask(ctx) // the next attempt asks again`, after: ``,
		noticedBy: "TestAttemptThatComesThroughLateIsTheOnlyOne",
	},
	{
		removed: "fence behind a post that seemed to fail", file: "ingest/committer.go",
		before: "	err := c.append(ctx, metric.Batch{}, c.next(1))\n	return err == nil || isMoved(err)", after: "	return ctx.Err() == nil",
		noticedBy: "TestLostAnswersStoreOnce",
	},
	{
		removed: "small question before a store that was silent gets a large write", file: "ingest/drainer.go",
		before: `if d.line != nil && d.line.isSilent {`, after: `if false {`,
		noticedBy: "TestSilentStoreIsAskedFirst",
	},
	{
		removed: "smaller writes for a slow store", file: "ingest/drainer.go",
		before: `d.limit = max(d.limit/4, 1)`, after: `_ = d.limit`,
		noticedBy: "TestSlowStoreIsGivenLess",
	},
	{
		removed: "smaller writes for a store that cuts them short", file: "ingest/drainer.go",
		before: `if isAnswering || errors.Is(`, after: `if isAnswering && false || errors.Is(`,
		noticedBy: "TestStoreThatCutsLongWritesShortIsGivenLess",
	},
	{
		removed: "larger writes once a slow store is quick again", file: "ingest/drainer.go",
		before: `d.limit = min(d.limit+d.limit/10+1, drainBatches*d.q.opts.BatchSize)`, after: ``,
		noticedBy: "TestSlowStoreIsGivenLess",
	},
	{
		removed: "pause before what the store refuses is tried again", file: "ingest/drainer.go",
		before: `d.retryAt = time.Now().Add(wait)`, after: ``,
		noticedBy: "TestNewSamplesDoNotHurryRefusalsOfTheSpool",
	},
	{
		removed: "the same without a spool", file: "ingest/flusher.go",
		before: `trialAfter(f.refusals, f.known)`, after: `trialAfter(0, f.known)`,
		noticedBy: "TestBadRequestsTakeNoGoodOnesWithThem",
	},
	{
		removed: "writes with more samples behind many that are refused", file: "ingest/drainer.go",
		before: `d.limit = min(2*d.limit, drainBatches*d.q.opts.BatchSize)`, after: `_ = d.limit`,
		noticedBy: "TestBadSamplesAreNotInTheWayForGood",
	},
	{
		removed: "writes with more bytes behind large ones that are refused", file: "ingest/drainer.go",
		before: `return drainBytes << min(d.refusals, maxLarger)`, after: `return drainBytes`,
		noticedBy: "TestBadSamplesAreNotInTheWayForGood",
	},
	{
		removed: "bound of tries of refused requests", file: "ingest/flusher.go",
		before: `maxRefusals = 10`, after: `maxRefusals = 1 << 30`,
		noticedBy: "TestLonePoisonousSampleGoesWhenOthersPass",
	},
	{
		removed: "tries of refused requests", file: "ingest/flusher.go",
		before: `maxRefusals = 10`, after: `maxRefusals = 1`,
		noticedBy: "TestStoreThatRefusesEverythingLosesNothing",
	},
	{
		removed: "tries of a spool that takes nothing", file: "ingest/intake.go",
		before: `i.failure, i.retryAt = err, time.Now().Add(spoolRetry)`, after: `i.failure, i.retryAt = err, never`,
		noticedBy: "TestRequestsWaitForDiskOrStore",
	},
	{
		removed: "pause before a spool that takes nothing is tried again", file: "ingest/intake.go",
		before: `i.failure, i.retryAt = err, time.Now().Add(spoolRetry)`, after: `i.failure = err`,
		noticedBy: "TestFullDiskRefusesPostsAndPassesRequestsOn",
	},
	{
		removed: "tries of a block that may come back", file: "ingest/intake.go",
		before: `disk.MayReturn && f.spool.stuck == nil`, after: `disk.MayReturn && false`,
		noticedBy: "TestBlockThatMayComeBackWaitsForTheSpool",
	},
	{
		removed: "tries of the spool that cannot forget what is stored", file: "ingest/drainer.go",
		before:    `return d.complain("spool cannot forget what is stored", err, spoolRetry)`,
		after:     `return d.complain("spool cannot forget what is stored", err, 1<<62)`,
		noticedBy: "TestDiskThatHealsIsUsedAgain/remove",
	},
	{
		removed: "tries of a spool that cannot be read", file: "ingest/drainer.go",
		before:    `return d.complain("spool cannot be read", err, spoolRetry)`,
		after:     `return d.complain("spool cannot be read", err, 1<<62)`,
		noticedBy: "TestDiskThatHealsIsUsedAgain/read",
	},
	{
		removed: "word of an idle spool", file: "ingest/drainer.go",
		before: `touchEvery = time.Hour`, after: `touchEvery = 1000 * time.Hour`,
		noticedBy: "TestIdleSpoolIsHeardOf",
	},
}

var ofIngestBodies = []mutation{
	{
		removed: "largest body", file: "ingest/body.go",
		before: "case len(b.data) > MaxBodyBytes:\n			return ErrTooLarge", after: "case len(b.data) > MaxBodyBytes:\n			return nil",
		noticedBy: "TestDecodeBounds",
	},
	{
		removed: "largest body as it comes over the network", file: "ingest/body.go",
		before: `gzip.NewReader(io.LimitReader(r, MaxEncodedBytes+1))`, after: `gzip.NewReader(r)`,
		noticedBy: "TestCompressedBodiesAreBounded",
	},
	{
		removed: "bound of the memory of all bodies", file: "ingest/body.go",
		before: `if !b.all.room.TryAcquire(bytes) {`, after: `if false {`,
		noticedBy: "TestBodiesShareTheirRoom",
	},
	{
		removed: "room that is given back", file: "ingest/body.go",
		before: `b.all.room.Release(b.held)`, after: ``,
		noticedBy: "TestBodiesShareTheirRoom",
	},
	{
		removed: "room of what inflates a body", file: "ingest/body.go",
		before: `if err := b.hold(unzipBytes); err != nil {`, after: `if err := b.hold(0); err != nil {`,
		noticedBy: "TestBodiesShareTheirRoom",
	},
	{
		removed: "room that a large body takes", file: "ingest/body.go",
		before: `b.hold(int64(size - cap(b.data)))`, after: `b.hold(0)`,
		noticedBy: "TestBodiesShareTheirRoom",
	},
	{
		removed: "bound of depth", file: "ingest/strict.go",
		before: `case depth > metric.MaxMetadataDepth:`, after: `case depth > 1<<30:`,
		noticedBy: "TestAmbiguousBodiesAreRefused",
	},
	{
		removed: "copy of metadata, which would keep its whole body", file: "ingest/strict.go",
		before:    `bytes.Clone(bytes.TrimLeft(s.body[before:s.dec.InputOffset()], ": \t\r\n"))`,
		after:     `bytes.TrimLeft(s.body[before:s.dec.InputOffset()], ": \t\r\n")`,
		noticedBy: "TestMetadataIsACopy",
	},
	{
		removed: "printable length of what a client sent", file: "ingest/decode.go",
		before: `if len(value) > most {`, after: `if len(value) > most<<20 {`,
		noticedBy: "TestDecodeRequests",
	},
	{
		removed: "how far events may be ahead", file: "ingest/decode_events.go",
		before: ` || age < -maxAhead`, after: ``,
		noticedBy: "TestDecodeEventsReplacesTimestamps",
	},
	{
		removed: "how old events may be", file: "ingest/decode_events.go",
		before: `age > metric.RawRetention || `, after: ``,
		noticedBy: "TestDecodeEventsReplacesTimestamps",
	},
	{
		removed: "how far requests may be ahead", file: "ingest/decode_requests.go",
		before: `case age < -maxSkew:`, after: `case false:`,
		noticedBy: "TestDecodeRequests",
	},
	{
		removed: "how old requests may be", file: "ingest/decode_requests.go",
		before: `case age > metric.Retention:`, after: `case false:`,
		noticedBy: "TestDecodeRequests",
	},
	{
		removed: "largest record", file: "ingest/codec.go",
		before: `len(payload) <= spool.MaxRecordBytes || n == 1`, after: `true || n == 1`,
		noticedBy: "TestLargeBatchesBecomeSeveralRecords",
	},
	{
		removed: "most samples of a post", file: "ingest/samples.go",
		before: `d.received > metric.MaxBatch`, after: `false`,
		noticedBy: "TestDecodeBounds",
	},
	{
		removed: "end of tries that new samples bring forward", file: "ingest/flusher.go",
		before: `eagerRefusals = 3`, after: `eagerRefusals = 1 << 30`,
		noticedBy: "TestNewSamplesDoNotHurryRefusals",
	},
}
