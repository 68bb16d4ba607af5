package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"github.com/adrg/xdg"

	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// mostSpools is how many processes may serve one database from one machine
// without naming a folder for the spool of each.
const mostSpools = 16

// waiting is where samples wait for the database.
type waiting struct {
	spool  *spool.Spool // nil: in memory
	folder string       // of the spool
	ack    ingest.Ack   // when posts are acknowledged
}

// openSpool opens the spool for what is on its way to the database at place.
// Where none can be had, samples wait in memory, unless somebody named its
// folder or wants posts to be acknowledged by it.
func (r *run) openSpool(place string) (waiting, error) {
	o := r.settings.Spool
	if o.MaxBytes == 0 {
		return waiting{ack: ingest.AckDB}, nil
	}
	w := waiting{folder: o.Path, ack: ingest.AckDisk}
	if r.settings.Ack == config.AckDB {
		w.ack = ingest.AckDB
	}
	var err error
	if o.Path != "" {
		w.spool, err = r.openSpoolIn(o.Path)
	} else {
		w.spool, w.folder, err = r.openSpoolOf(filepath.Join(spoolsFolder(), spoolName(place)))
	}
	switch {
	case err == nil:
		r.warnOfOthers(w.folder)
		return w, nil
	case o.Path == "" && r.settings.Ack != config.AckDisk:
		r.log.Warn("no spool can be had: what waits for the database waits in memory, and posts wait for the database; name a folder with spool.path", "error", err)
		return waiting{ack: ingest.AckDB}, nil
	}
	advice := "make the folder writable for this user, or name another one with spool.path"
	if locked := (*spool.LockedError)(nil); errors.As(err, &locked) {
		advice = "give each serve a folder of its own with spool.path, or leave it empty"
	}
	return waiting{}, &advisedError{err: err, advice: advice}
}

// close keeps what waits, and says where.
func (w waiting) close(log *slog.Logger) error {
	if w.spool == nil {
		return nil
	}
	if n := w.spool.Stats().Samples; n > 0 {
		log.Warn("samples wait on disk for the next start", "samples", n, "folder", w.folder)
	}
	return w.spool.Close()
}

// String says where samples wait and when posts are accepted.
func (w waiting) String() string {
	switch {
	case w.spool == nil:
		return "none: posts are accepted once the database has them"
	case w.ack == ingest.AckDB:
		return w.folder + "; posts are accepted once the database has them"
	}
	return w.folder + "; posts are accepted once they are on disk there"
}

func (r *run) openSpoolIn(folder string) (*spool.Spool, error) {
	s, err := spool.Open(spool.Options{Dir: folder, MaxBytes: r.settings.Spool.MaxBytes, Now: r.now, Logger: r.log, Failpoint: failpoint()})
	if err != nil {
		return nil, fmt.Errorf("open spool %s: %w", folder, err)
	}
	return s, nil
}

// openSpoolOf opens a free spool of a database: one that holds something, if
// there is one, so that what another process left behind when it ended does not
// wait for its return.
func (r *run) openSpoolOf(database string) (chosen *spool.Spool, folder string, err error) {
	for n := range mostSpools {
		at := filepath.Join(database, strconv.Itoa(n+1))
		if _, err := os.Stat(at); chosen != nil && err != nil {
			break // nor any further one
		}
		s, err := r.openSpoolIn(at)
		if locked := (*spool.LockedError)(nil); errors.As(err, &locked) {
			continue
		}
		if err != nil {
			return nil, "", errors.Join(err, closeSpool(chosen))
		}
		if chosen == nil || chosen.Stats().Samples == 0 && s.Stats().Samples > 0 {
			chosen, s, folder = s, chosen, at
		}
		if err := closeSpool(s); err != nil {
			return nil, "", errors.Join(err, chosen.Close())
		}
	}
	if chosen == nil {
		return nil, "", fmt.Errorf("all %d spools in %s are in use", mostSpools, database)
	}
	return chosen, folder, nil
}

func closeSpool(s *spool.Spool) error {
	if s == nil {
		return nil
	}
	return s.Close()
}

// spoolsFolder holds the spools of every database that has none named.
func spoolsFolder() string { return filepath.Join(xdg.StateHome, "appmetrics", "spool") }

// spoolName names the folder of a database so that people can tell them apart
// and no two share one.
func spoolName(place string) string {
	sum := sha256.Sum256([]byte(place))
	base := filepath.Base(place)
	name := make([]rune, 0, len(base))
	for _, c := range base {
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			c = '_'
		}
		name = append(name, c)
	}
	if len(name) > 60 {
		name = name[:60]
	}
	return string(name) + "-" + hex.EncodeToString(sum[:4])
}
