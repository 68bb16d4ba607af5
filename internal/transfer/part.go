package transfer

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/appmetrics/appmetrics/internal/store"
)

// table brings one table.
func (r *run) table(ctx context.Context, p plan) error {
	t := Table{Name: p.table.Name}
	for _, slice := range r.slices[p.table.Name] {
		t.Rows += slice.Rows
		t.Hours++
	}
	for _, part := range p.parts {
		if err := r.part(ctx, p.table, part, &t); err != nil {
			return err
		}
	}
	r.report.Tables = append(r.report.Tables, t)
	if t.Changed > 0 && !r.DryRun {
		r.Logger.Info("table copied", "table", t.Name, "rows", t.Rows, "written", t.Written, "hours", t.Changed)
	}
	return nil
}

// part brings the hours of a part that differ.
func (r *run) part(ctx context.Context, table store.TransferTable, p part, t *Table) error {
	if p.fresh {
		if r.DryRun {
			t.Written, t.Changed = t.Written+p.rows, t.Changed+len(p.starts)
			r.tell(int(p.rows))
			return nil
		}
		return r.replace(ctx, table, p.starts, r.tell, t)
	}
	source, target, err := r.compare(ctx, table, p)
	if err != nil {
		return err
	}
	var changed []time.Time
	for _, start := range p.starts {
		if source[start] == target[start] {
			if table.Scanned { // one long search is better than several
				continue
			}
			if err := r.replace(ctx, table, changed, nil, t); err != nil {
				return err
			}
			changed = nil
			continue
		}
		if r.DryRun {
			t.Written, t.Removed, t.Changed = t.Written+source[start].Rows, t.Removed+target[start].Rows, t.Changed+1
			continue
		}
		changed = append(changed, start)
	}
	return r.replace(ctx, table, changed, nil, t)
}

// replace makes the target equal from the first to the last of some hours.
func (r *run) replace(
	ctx context.Context, table store.TransferTable, starts []time.Time, progress func(int), t *Table,
) error {
	if len(starts) == 0 {
		return nil
	}
	done, err := r.Target.Replace(ctx, store.Replacement{
		Run: r.id, Source: r.source, Table: table.Name, Span: spanOf(starts), Progress: progress,
	})
	if err != nil {
		return err
	}
	t.Written, t.Removed, t.Changed = t.Written+done.Written, t.Removed+done.Removed, t.Changed+len(starts)
	r.report.Adjusted += done.Adjusted
	return nil
}

// compare reads the hours of a part on both sides at once. It returns
// [store.ErrNotACopy] when the target does not hold what was brought.
func (r *run) compare(
	ctx context.Context, table store.TransferTable, p part,
) (source, target map[time.Time]store.SliceSum, err error) {
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		source, err = r.source.Sums(both, table.Name, p.span(), r.tell)
		return err
	})
	group.Go(func() error {
		return r.Target.Snapshot(both, func(v *store.Snapshot) (err error) {
			if target, err = v.Sums(both, table.Name, p.span(), nil); err != nil {
				return err
			}
			copied, err := v.Copied(both, table.Name)
			if err != nil {
				return err
			}
			for _, start := range p.starts {
				if copied[start] != target[start] {
					return differs(table.Name, start, target[start].Rows, copied[start].Rows)
				}
			}
			return nil
		})
	})
	return source, target, group.Wait()
}

// progress counts rows.
type progress struct {
	mu          sync.Mutex
	done, total int64
}

// tell says that so many rows more are done.
func (r *run) tell(rows int) {
	r.progress.mu.Lock()
	defer r.progress.mu.Unlock()
	r.progress.done += int64(rows)
	r.Progress(r.progress.done, r.progress.total)
}
