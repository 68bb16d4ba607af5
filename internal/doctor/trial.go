package doctor

import (
	"errors"
	"os"
)

// trialSize is what a disk must still take: SQLite and the spool write in
// pieces of up to 1 MiB.
const trialSize = 1 << 20

// takes returns why a folder takes no file at present. The one that it writes
// is gone before anybody sees it, where the system allows that, and afterwards
// elsewhere.
func takes(folder string) (err error) {
	f, err := os.CreateTemp(folder, ".appmetrics-doctor-*")
	if err != nil {
		return cause(err)
	}
	isGone := os.Remove(f.Name()) == nil
	defer func() {
		err = errors.Join(err, f.Close())
		if !isGone {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(make([]byte, trialSize)); err != nil {
		return cause(err)
	}
	if err := f.Sync(); err != nil {
		return cause(err)
	}
	return nil
}
