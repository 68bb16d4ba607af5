package spool

// Points at which Options.Failpoint is called, in the order of a life.
const (
	pointCreate  = "spool.create"  // before the file of a segment is made
	pointHeader  = "spool.header"  // it is made and empty
	pointLink    = "spool.link"    // its header is synced, its name is not
	pointWrite   = "spool.write"   // before a group of records is written
	pointSync    = "spool.sync"    // it is written, not synced
	pointSynced  = "spool.synced"  // it is synced, nobody knows
	pointRefuse  = "spool.refuse"  // the disk refused it; the segment is about to be given up
	pointRefused = "spool.refused" // the next segment says so, nobody knows
	pointRemove  = "spool.remove"  // before the file of a released segment is removed
	pointUnlink  = "spool.unlink"  // it is removed, the directory is not synced
	pointSeal    = "spool.seal"    // before Close marks the end of the last segment
)

// Failpoints returns the names of all points.
func Failpoints() []string {
	return []string{
		pointCreate, pointHeader, pointLink, pointWrite, pointSync, pointSynced,
		pointRefuse, pointRefused, pointRemove, pointUnlink, pointSeal,
	}
}

func (s *Spool) failpoint(point string) error {
	if s.opts.Failpoint == nil {
		return nil
	}
	return s.opts.Failpoint(point)
}
