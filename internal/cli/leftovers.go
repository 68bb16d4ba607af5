package cli

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// leftoversEvery is how often serve looks for samples that another one left.
const leftoversEvery = time.Minute

// warnOfOthers tells of samples that no process may ever store: those of a
// database that DATABASE_URL named before. What is left for the database that
// the spool in folder is for, watchLeftovers tells.
func (r *run) warnOfOthers(folder string) {
	for _, other := range r.spoolsLeft() {
		if other != folder && (r.settings.Spool.Path != "" || filepath.Dir(other) != filepath.Dir(folder)) {
			r.log.Warn("samples wait in another spool; serve its database, or name the folder with spool.path, to store them", "folder", other)
		}
	}
}

// watchLeftovers tells once of each spool of the same database whose process
// ended before it was empty, until ctx ends. A serve takes a spool when it
// starts: one that started before that had a spool of its own by then.
func (r *run) watchLeftovers(ctx context.Context, w waiting) {
	if w.spool == nil || r.settings.Spool.Path != "" {
		return
	}
	ticker := time.NewTicker(leftoversEvery)
	defer ticker.Stop()
	told := map[string]bool{}
	for {
		left := spoolsIn(filepath.Join(filepath.Dir(w.folder), "*"))
		for _, folder := range left {
			if folder != w.folder && !told[folder] {
				r.log.Warn("samples wait in the spool of a serve that has ended; restart this serve once, or start another, to store them", "folder", folder)
			}
		}
		clear(told)
		for _, folder := range left {
			told[folder] = true
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// spoolsLeft lists the spools that hold samples while no process has them open.
func (r *run) spoolsLeft() []string {
	left := spoolsIn(filepath.Join(spoolsFolder(), "*", "*"))
	if named := r.settings.Spool.Path; named != "" && !slices.Contains(left, named) && spool.HoldsRecords(named) {
		left = append(left, named)
	}
	return left
}

// spoolsIn lists those of the folders that hold samples while no process has
// them open.
func spoolsIn(pattern string) []string {
	folders, err := filepath.Glob(pattern)
	if err != nil {
		return nil // never: a folder named with * or [ matches nothing at worst
	}
	return slices.DeleteFunc(folders, func(folder string) bool { return !spool.HoldsRecords(folder) })
}
