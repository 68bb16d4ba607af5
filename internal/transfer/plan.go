package transfer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

// plan is what there is to do for one table.
type plan struct {
	table store.TransferTable
	parts []part
}

// part are hours that one transaction can bring.
type part struct {
	starts []time.Time
	rows   int64 // of the source
	fresh  bool  // whether no copy has brought any of it yet
}

func (p *part) span() store.Span { return spanOf(p.starts) }

func spanOf(starts []time.Time) store.Span {
	return store.Span{From: starts[0], To: starts[len(starts)-1].Add(time.Hour)}
}

// holding is what a target holds of a table, by counting.
type holding struct {
	slices []store.Slice
	copied map[time.Time]store.SliceSum
}

// plan counts the rows of both sides. It returns [store.ErrNotACopy] when the
// target holds more or less than what was brought, before anything is changed.
func (r *run) plan(ctx context.Context) ([]plan, error) {
	held, err := r.held(ctx)
	if err != nil {
		return nil, err
	}
	var plans []plan
	for _, table := range store.TransferTables() {
		source, err := r.source.Slices(ctx, table.Name)
		if err != nil {
			return nil, err
		}
		r.slices[table.Name] = source
		target := held[table.Name]
		if err := target.check(table.Name); err != nil {
			return nil, err
		}
		most := r.PartRows
		if table.Scanned {
			most *= scannedParts
		}
		p := plan{table: table, parts: divide(source, target.copied, most)}
		for _, part := range p.parts {
			r.progress.total += part.rows
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// held is what the target holds of every table.
func (r *run) held(ctx context.Context) (map[string]holding, error) {
	all := map[string]holding{}
	if r.empty {
		return all, nil
	}
	err := r.Target.Snapshot(ctx, func(target *store.Snapshot) (err error) {
		for _, table := range store.TransferTables() {
			var h holding
			if h.slices, err = target.Slices(ctx, table.Name); err != nil {
				return err
			}
			if h.copied, err = target.Copied(ctx, table.Name); err != nil {
				return err
			}
			all[table.Name] = h
		}
		return nil
	})
	return all, err
}

// check compares how many rows there are with how many were brought.
func (h holding) check(table string) error {
	counts := make(map[time.Time]int64, len(h.copied))
	for start, sum := range h.copied {
		counts[start] = sum.Rows
	}
	for _, slice := range h.slices {
		if counts[slice.Start] != slice.Rows {
			return differs(table, slice.Start, slice.Rows, counts[slice.Start])
		}
		delete(counts, slice.Start)
	}
	for start, rows := range counts {
		return differs(table, start, 0, rows)
	}
	return nil
}

func differs(table string, hour time.Time, rows, brought int64) error {
	return fmt.Errorf("%w: since it was copied, %s changed in the hour of %s, from %d rows to %d",
		store.ErrNotACopy, table, hour.Format(time.RFC3339), brought, rows)
}

// divide puts hours together, oldest first, up to about that many rows. Hours
// that were brought before and such that were not are kept apart.
func divide(source []store.Slice, copied map[time.Time]store.SliceSum, most int64) []part {
	rows := make(map[time.Time]int64, len(source))
	for start := range copied {
		rows[start] = 0 // unless the source still has it
	}
	for _, slice := range source {
		rows[slice.Start] = slice.Rows
	}
	var parts []part
	var held int64 // rows of the last part, of the side that has more
	for _, start := range slices.SortedFunc(maps.Keys(rows), time.Time.Compare) {
		sum, known := copied[start]
		more := max(rows[start], sum.Rows)
		last := len(parts) - 1
		if last < 0 || parts[last].fresh == known || held+more > most {
			parts = append(parts, part{fresh: !known})
			last, held = last+1, 0
		}
		held += more
		parts[last].starts = append(parts[last].starts, start)
		parts[last].rows += rows[start]
	}
	return parts
}
