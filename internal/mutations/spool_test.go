package mutations

const powerCut = "TestNothingAcknowledgedIsLostInAPowerCut"

var ofSpool = []mutation{
	// Syncs.
	{
		removed: "sync of a group of records", file: "spool/write.go",
		before: `err = seg.file.Sync()`, after: `err = nil`,
		noticedBy: powerCut,
	},
	{
		removed: "sync of a new segment's header", file: "spool/segment.go",
		before:    "	if err = seg.file.Sync(); err != nil {\n		return err\n	}\n",
		noticedBy: "TestASegmentThatCannotBeBegunLeavesNothing",
	},
	{
		removed: "sync of the directory after a new segment", file: "spool/segment.go",
		before: `return s.opts.FS.SyncDir(s.opts.Dir)`, after: `return nil`,
		noticedBy: "TestASegmentThatCannotBeBegunLeavesNothing",
	},
	{
		removed: "sync of the directory above a new spool", file: "spool/fs.go",
		before: `if err := fsys.SyncDir(parent); err != nil &&`, after: `if err := error(nil); err != nil &&`,
		noticedBy: powerCut,
	},
	{
		removed: "sync of the directory after a removal", file: "spool/release.go",
		before: `return s.opts.FS.SyncDir(s.opts.Dir)`, after: `return nil`,
		noticedBy: "TestASourceIsGoneWhenItsFilesAre",
	},
	{
		removed: "sync after a failed write was cut back", file: "spool/write.go",
		before: ` && seg.file.Sync() == nil`, after: ``,
		noticedBy: "TestRefusedRecordsDoNotComeBack",
	},
	{
		removed: "sync of lines that are set aside", file: "spool/setaside.go",
		before:    "	if err := f.Sync(); err != nil {\n		return int64(n), err\n	}\n",
		noticedBy: "TestWhatIsSetAsideStays",
	},
	{
		removed: "sync of the directories above the first line that is set aside", file: "spool/setaside.go",
		before: `err = s.syncQuarantine()`, after: ``,
		noticedBy: "TestWhatIsSetAsideStays",
	},
	{
		removed: "sync that is owed since one failed", file: "spool/setaside.go",
		before: `s.isAsideNamed = err == nil`, after: `s.isAsideNamed = true`,
		noticedBy: "TestTheNameOfWhatIsSetAsideStays",
	},
	{
		removed: "sync of the name of a file that somebody took away", file: "spool/setaside.go",
		before: `if size > 0 && s.isAsideNamed {`, after: `if s.isAsideNamed {`,
		noticedBy: "TestANewFileOfWhatIsSetAsideStays",
	},

	// What a failed sync or write leaves.
	{
		removed: "cutting back a failed write", file: "spool/write.go",
		before: `if seg.file.Truncate(seg.length) == nil && seg.file.Sync() == nil {`, after: `if seg.file.Sync() == nil {`,
		noticedBy: "TestRefusedRecordsDoNotComeBack",
	},
	{
		removed: "giving up a file whose sync failed", file: "spool/write.go",
		before:    "s.noteFailure(&s.counts.SyncErrors, err)\n		return s.refuse(seg, \"sync\", err)",
		after:     "s.noteFailure(&s.counts.SyncErrors, err)\n		return &DiskError{Op: \"sync\", Err: err}",
		noticedBy: "TestAFileWhoseSyncFailedIsNeverUsedAgain",
	},
	{
		removed: "distrust of a second sync of the same file", file: "spool/write.go",
		before:    `err = seg.file.Sync()`,
		after:     `if err = seg.file.Sync(); err != nil { err = seg.file.Sync() }`,
		noticedBy: "TestAFileWhoseSyncFailedIsNeverUsedAgain",
	},
	{
		removed: "note of refused records before they are answered", file: "spool/write.go",
		before:    "	if err == nil {\n		err = s.begin()\n	}\n",
		noticedBy: "TestRefusedRecordsOfADeadDisk",
	},
	{
		removed: "cutting back refused records of a dead disk", file: "spool/write.go",
		before:    "	_ = seg.file.Truncate(seg.length)\n",
		noticedBy: "TestRefusedRecordsOfADeadDisk",
	},

	{
		removed: "cutting back lines that could not be set aside", file: "spool/setaside.go",
		before: `if err != nil && f.Truncate(size) == nil {`, after: `if false {`,
		noticedBy: "TestWhatCannotBeSetAsideTakesNoRoom",
	},
	{
		removed: "room that lines give back which could not be set aside", file: "spool/setaside.go",
		before: `s.quarantine.Add(grown - size)`, after: `_ = grown`,
		noticedBy: "TestWhatCannotBeSetAsideTakesNoRoom",
	},
	{
		removed: "lock of a file that is given up", file: "spool/write.go",
		before:    "	s.reading.Lock() // until then whoever empties the spool takes the file away\n	defer s.reading.Unlock()\n",
		noticedBy: "TestARefusalBesideWhoEmptiesTheSpool",
	},
	{
		removed: "refusal of a group whose write panicked", file: "spool/append.go",
		before: `err := errPanicked // unless commit comes back`, after: `var err error`,
		noticedBy: "TestAPanicHoldsUpNobody",
	},

	{
		removed: "unlocking after a panic while room is made", file: "spool/write.go",
		before: "	defer s.reading.Unlock()\n	return s.tidy()\n", after: "	err := s.tidy()\n	s.reading.Unlock()\n	return err\n",
		noticedBy: "TestAPanicWhileRoomIsMadeHoldsUpNobody",
	},

	// Retries.
	{
		removed: "second try, at Close, to note refused records", file: "spool/recover.go",
		before: `case isUnsaid:`, after: `case isUnsaid && false:`,
		noticedBy: "TestRefusedRecordsOfADeadDisk",
	},
	{
		removed: "second try to remove a file", file: "spool/release.go",
		before:    "		if err := s.remove(front); err != nil {\n			return err\n		}\n		s.mu.Lock()\n		s.segments = s.segments[1:]\n",
		after:     "		err := s.remove(front)\n		s.mu.Lock()\n		s.segments = s.segments[1:]\n		if err != nil {\n			s.mu.Unlock()\n			return err\n		}\n",
		noticedBy: "TestASegmentThatCannotBeRemovedKeepsThoseBehindIt",
	},
	{
		removed: "second try to write once a full spool was emptied", file: "spool/write.go",
		before: `isSpent && isTight && seg.length > headerBytes`, after: `isSpent && isTight && false`,
		noticedBy: "TestAFullDiskHealsWhenTheSpoolIsEmptied",
	},

	{
		removed: "second copy of a header that cannot be read", file: "spool/header.go",
		before: "			failed = fmt.Errorf(\"%w: %w\", errUnreadHeader, err)\n			continue\n", after: "			return header{}, fmt.Errorf(\"%w: %w\", errUnreadHeader, err)\n",
		noticedBy: "TestABadSectorCostsWhatIsInIt",
	},
	{
		removed: "sync of what shows that a disk takes something", file: "spool/fs.go",
		before: `return f.Sync()`, after: `return nil`,
		noticedBy: "TestADiskThatIsAwayIsNotDamage",
	},

	// Locks.
	{
		removed: "refusal while another process has the lock", file: "spool/fs.go",
		before: `if !isFree {`, after: `if !isFree && false {`,
		noticedBy: "TestTwoProcessesNeverShareASpool",
	},
	{
		removed: "lock of the directory", file: "spool/fs.go",
		before: `isFree, err := lock.TryLock()`, after: `isFree, err := true, error(nil)`,
		noticedBy: "TestOneProcessOpensASpoolOnce",
	},
	{
		removed: "look at the lock before a spool counts as left behind", file: "spool/look.go",
		before: `return free`, after: `return free || true`,
		noticedBy: "TestWhetherSomebodyLeftRecords",
	},
	{
		removed: "turn that Close takes", file: "spool/spool.go",
		before:    "	s.turn <- struct{}{}\n	defer func() { <-s.turn }()\n",
		noticedBy: "TestCloseWaitsForTheAppendUnderWayAndRefusesTheRest",
	},
	{
		removed: "turn that a group takes", file: "spool/append.go",
		before: `defer func() { <-s.turn }()`, after: `<-s.turn`,
		noticedBy: "TestAppendsThatComeTogetherShareASync",
	},
	{
		removed: "group of appends that come together", file: "spool/append.go",
		before: `if n := len(s.groups); n > 0 {`, after: `if n := len(s.groups); n < 0 {`,
		noticedBy: "TestAppendsThatComeTogetherShareASync",
	},
	{
		removed: "refusal at Close of appends that wait", file: "spool/spool.go",
		before: `g.finish(ErrClosed)`, after: `g.finish(nil)`,
		noticedBy: "TestCloseWaitsForTheAppendUnderWayAndRefusesTheRest",
	},

	// Bounds.
	{
		removed: "limit of bytes when records are appended", file: "spool/append.go",
		before: `if !s.fits(size) {`, after: `if false {`,
		noticedBy: "TestTheLimitHoldsWhatWaits",
	},
	{
		removed: "limit of bytes when a group is written", file: "spool/write.go",
		before: "if free < 0 {", after: "if false {",
		noticedBy: "TestTheLimitHoldsWithTheHeadersOfSegments",
	},
	{
		removed: "default of the limit of bytes", file: "spool/spool.go",
		before: `defaultMaxBytes     = 1 << 30`, after: `defaultMaxBytes     = 1 << 40`,
		noticedBy: "TestDefaultsAreBounds",
	},
	{
		removed: "largest record", file: "spool/append.go",
		before: `if len(r.Payload) > MaxRecordBytes {`, after: `if false {`,
		noticedBy: "TestAppendRefusesWhatItCannotKeep",
	},
	{
		removed: "bound of a group", file: "spool/append.go",
		before: ` || int64(len(g.frames))+size > maxGroupBytes`, after: ``,
		noticedBy: "TestAGroupIsBounded",
	},
	{
		removed: "bound of a segment", file: "spool/write.go",
		before: `seg.length >= s.opts.SegmentBytes || `, after: ``,
		noticedBy: "TestFilesAreRemovedOnceAllOfThemIsReleased",
	},
	{
		removed: "bound of a segment in a small spool", file: "spool/spool.go",
		before: `min(cmp.Or(o.SegmentBytes, defaultSegmentBytes), o.MaxBytes/8)`, after: `cmp.Or(o.SegmentBytes, defaultSegmentBytes)`,
		noticedBy: "TestTheLimitHoldsAndEndsWithRoom",
	},
	{
		removed: "default of the bound of a segment", file: "spool/spool.go",
		before: `defaultSegmentBytes = 16 << 20`, after: `defaultSegmentBytes = 64 << 20`,
		noticedBy: "TestDefaultsAreBounds",
	},
	{
		removed: "bound of a Peek in samples", file: "spool/peek.go",
		before: `(t.samples < 0 || t.bytes < 0)`, after: `(t.bytes < 0)`,
		noticedBy: "TestPeekStaysWithinItsBounds",
	},
	{
		removed: "bound of a Peek in bytes", file: "spool/peek.go",
		before: `(t.samples < 0 || t.bytes < 0)`, after: `(t.samples < 0)`,
		noticedBy: "TestPeekStaysWithinItsBounds",
	},
	{
		removed: "bound of what is read of a segment at once", file: "spool/frames.go",
		before: `windowBytes = 256 << 10`, after: `windowBytes = 1 << 30`,
		noticedBy: "TestOpenAndPeekReadNoMoreThanTheyNeed",
	},
	{
		removed: "bound of what is set aside", file: "spool/setaside.go",
		before: `if err := s.hasRoom(size); err != nil {`, after: `if err := error(nil); err != nil {`,
		noticedBy: "TestWhatIsSetAsideIsBounded",
	},
	{
		removed: "end of the wait for a slow disk", file: "spool/append.go",
		before: "		case <-ctx.Done():\n			select {", after: "		case <-chan struct{}(nil):\n			select {",
		noticedBy: "TestAContextEndsTheWaitForASlowDisk",
	},
}
