package mutations

// What is read again, given up, or put aside.
var ofSpoolReading = []mutation{
	{
		removed: "sync of the quarantine's names", file: "spool/quarantine.go",
		before:    "	if err := s.opts.FS.SyncDir(s.quarantineDir()); err != nil {\n		return err\n	}\n",
		noticedBy: "TestWhatIsSetAsideStays",
	},
	{
		removed: "sync of the quarantine's own name", file: "spool/quarantine.go",
		before: `return s.opts.FS.SyncDir(s.opts.Dir)`, after: `return nil`,
		noticedBy: "TestWhatIsSetAsideStays",
	},
	{
		removed: "sync of the names of damaged bytes", file: "spool/damaged.go",
		before: `return size, s.syncQuarantine()`, after: `return size, nil`,
		noticedBy: "TestDamagedBytesOutlastAPowerCut/a_record",
	},
	{
		removed: "sync of the name of a segment that is set aside", file: "spool/quarantine.go",
		before: `_ = s.syncQuarantine() //`, after: `//`,
		noticedBy: "TestDamagedBytesOutlastAPowerCut/both_headers",
	},
	{
		removed: "sync of damaged bytes in the quarantine", file: "spool/damaged.go",
		before:    "	if err := dst.Sync(); err != nil {\n		return 0, err\n	}\n",
		noticedBy: "TestDamagedBytesOutlastAPowerCut/a_record",
	},
	{
		removed: "sync of the mark at the end of a segment", file: "spool/recover.go",
		before:    "			_ = seg.file.Sync()\n",
		noticedBy: "TestTheMarkAtTheEndOutlastsAPowerCut",
	},
	{
		removed: "patience with a segment that cannot be read", file: "spool/holes.go",
		before: `isWider := seg.failures >= readTries && time.Since(seg.failedAt) >= readPatience`, after: `isWider := true`,
		noticedBy: "TestABadSectorOfAnOlderSegmentIsPassedAfterAWhile",
	},
	{
		removed: "end of that patience", file: "spool/holes.go",
		before: `isWider := seg.failures >= readTries && time.Since(seg.failedAt) >= readPatience`, after: `isWider := false`,
		noticedBy: "TestABadSectorOfAnOlderSegmentIsPassedAfterAWhile",
	},
	{
		removed: "difference between what stands before and behind what cannot be read", file: "spool/holes.go",
		before: `if end > seg.failedBehind {`, after: `if true {`,
		noticedBy: "TestABadSectorBehindWhatStaysIsPassed",
	},
	{
		removed: "end of insisting on many blocks", file: "spool/holes.go",
		before: `try < readTries && time.Since(began) < readPatience`, after: `try < readTries`,
		noticedBy: "TestManySlowBadSectors",
	},
	{
		removed: "time that such a segment is given", file: "spool/holes.go",
		before: ` && time.Since(seg.failedAt) >= readPatience`, after: ``,
		noticedBy: "TestPatienceIsAMatterOfTime",
	},
	{
		removed: "tries that such a segment is given", file: "spool/holes.go",
		before: `isWider := seg.failures >= readTries && `, after: `isWider := seg.failures > 0 && `,
		noticedBy: "TestPatienceIsAMatterOfTime",
	},
	{
		removed: "patience with what cannot be read beside a hole", file: "spool/holes.go",
		before: `case isUnreadable(err) && h.isWider:`, after: `case isUnreadable(err):`,
		noticedBy: "TestPatienceIsAMatterOfTime",
	},
	{
		removed: "patience that begins anew once a disk was found away", file: "spool/holes.go",
		before: `seg.holes, seg.failures = nil, 0`, after: `seg.holes = nil`,
		noticedBy: "TestADiskThatComesBackIsGivenTime",
	},
	{
		removed: "doubt of a disk that does not take a copy", file: "spool/holes.go",
		before: `if copying != nil && !isFull {`, after: `if false && !isFull {`,
		noticedBy: "TestWhatCannotBeCopiedIsNotGivenUp",
	},
	{
		removed: "look whether a disk takes anything before what it does not give back is given up", file: "spool/holes.go",
		before: `if err := s.takesWrites(); err != nil {`, after: `if err := error(nil); err != nil {`,
		noticedBy: "TestADiskThatIsAwayIsNotDamage",
	},
	{
		removed: "look whether it gives back anything", file: "spool/holes.go",
		before: `if _, err := readHeader(f, seg.header.number); err != nil {`, after: `if err != nil {`,
		noticedBy: "TestADiskThatIsAwayIsNotDamage",
	},
	{
		removed: "last look at what is given up", file: "spool/holes.go",
		before: `; !isUnreadable(err) {
				return seg.cause`, after: `; false && !isUnreadable(err) {
				return seg.cause`,
		noticedBy: "TestASectorThatCanBeReadAgainLosesNothing",
	},
	{
		removed: "last look at each block of it", file: "spool/holes.go",
		before:    "				return seg.cause // for a while it could not be read\n			}\n",
		after:     "				return seg.cause // for a while it could not be read\n			}\n			break\n",
		noticedBy: "TestEachBlockIsLookedAtOnceMore",
	},
	{
		removed: "look at a gap that has grown since it was reported", file: "spool/damaged.go",
		before: `r.from <= gap.from && gap.to <= r.to`, after: `gap.from < r.to`,
		noticedBy: "TestADiskThatIsAwayLaterIsNotDamage",
	},
	{
		removed: "removal of a copy of what was not damaged after all", file: "spool/damaged.go",
		before: `if isNew && err == nil {`, after: `if false && isNew {`,
		noticedBy: "TestASectorThatCanBeReadAgainLosesNothing",
	},
	{
		removed: "removal of a copy that could not be finished", file: "spool/damaged.go",
		before: "		if err != nil {\n			s.discard(path, size)", after: "		if false {\n			s.discard(path, size)",
		noticedBy: "TestDamageThatCannotBeKeptTakesNoRoom",
	},
	{
		removed: "room that a copy gives back which was removed", file: "spool/damaged.go",
		before: `s.quarantine.Add(left - admitted)`, after: `_ = left - admitted`,
		noticedBy: "TestDamageThatCannotBeKeptTakesNoRoom",
	},
	{
		removed: "room that a segment gives back which could not be moved", file: "spool/quarantine.go",
		before:    "		s.quarantine.Add(-size)\n",
		noticedBy: "TestDamageThatCannotBeKeptTakesNoRoom",
	},
	{
		removed: "tries of a start to read what the disk does not give back", file: "spool/survey.go",
		before: `s.survey(false)`, after: `s.survey(true)`,
		noticedBy: "TestOpenWaitsForADiskThatIsAway",
	},
	{
		removed: "pauses between them", file: "spool/survey.go",
		before: `time.Sleep(readPause)`, after: `time.Sleep(0)`,
		noticedBy: "TestOpenWaitsForADiskThatIsAway",
	},
	{
		removed: "end of them", file: "spool/survey.go",
		before: `s.survey(try == readTries)`, after: `s.survey(false)`,
		noticedBy: "TestOpenIsPatientForTenSeconds",
	},
	{
		removed: "look whether a disk takes anything before a start gives up a segment", file: "spool/recover.go",
		before: `if err := s.takesWrites(); err != nil {`, after: `if err := error(nil); err != nil {`,
		noticedBy: "TestOpenGivesUpNothingOfADiskThatTakesNothing",
	},
	{
		removed: "last look at its header", file: "spool/recover.go",
		before: `!errors.Is(err, errUnreadHeader) {`, after: `false && !errors.Is(err, errUnreadHeader) {`,
		noticedBy: "TestAHeaderIsLookedAtOnceMore",
	},
	{
		removed: "segment that waits for a disk that gives back nothing", file: "spool/recover.go",
		before: `case len(s.segments) == 0:`, after: `case false:`,
		noticedBy: "TestASegmentWhoseHeadersCannotBeRead",
	},
	{
		removed: "bound of damaged bytes in the quarantine", file: "spool/quarantine.go",
		before:    "	size = min(size, s.quarantineBound()-s.quarantine.Load())\n",
		noticedBy: "TestTheQuarantineIsBounded",
	},
	{
		removed: "bound of the quarantine over several runs", file: "spool/quarantine.go",
		before: "		s.quarantine.Add(size)\n	}", after: "		_ = size\n	}",
		noticedBy: "TestWhatIsSetAsideIsBounded",
	},
	{
		removed: "start without what was put aside", file: "spool/quarantine.go",
		before: `if err != nil { // it is for people only, and no reason not to start`, after: `if err != nil { return err`,
		noticedBy: "TestOpenDoesNotNeedWhatWasPutAside",
	},
}
