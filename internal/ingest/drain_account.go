package ingest

import (
	"context"

	"github.com/google/uuid"
)

// othersAreTaken says whether the store takes samples of a younger source,
// while it takes none of those that are left of this one: then the fault is
// theirs. Each source has its own order, so that what it takes is stored.
func (d *drainer) othersAreTaken(ctx context.Context) bool {
	first := d.line
	defer func() { d.line = first }()
	refused := []uuid.UUID{first.source}
	for {
		older := refused[len(refused)-1]
		entries, err := d.spool.PeekAfter(older, d.limit, d.bytes())
		if err != nil || len(entries) == 0 {
			return false
		}
		d.line = d.lineOf(entries[0].Source)
		s, err := d.stretch(entries)
		if err != nil || d.line.ask(ctx) != nil {
			return false
		}
		s.trim(d.limit)
		from := d.line.at
		v := d.line.write(ctx, &s, trialAfter(d.refusals, 0))
		stored := d.account(&s, from, &v)
		if stored > 0 {
			d.blamed = refused
		} else if v.kind == storeAway {
			d.takeLess()
		}
		if v.kind == allRefused && stored == 0 {
			refused = append(refused, d.line.source)
			continue
		}
		if d.release() > 0 || stored > 0 || v.kind != allStored {
			return stored > 0
		}
	}
}

// account counts what became of the samples of a stretch that lie behind from,
// and returns how many were stored.
func (d *drainer) account(s *stretch, from int64, v *verdict) (stored int64) {
	i, j := s.index(from), s.index(d.line.at)
	recorded := s.recorded(i, j)
	for _, k := range v.refused {
		recorded -= s.recorded(k, k+1)
	}
	stored = int64(j - i - len(v.refused))
	dropped := len(v.refused)
	for _, g := range s.lost(from, d.line.at) {
		dropped += g.samples
		d.q.opts.Logger.Error("samples dropped: what the spool holds cannot be read", "dropped", g.samples, "error", g.err)
		d.setAsideRecord(g.payload, g.err)
	}
	d.q.mu.Lock()
	defer d.q.mu.Unlock()
	c := &d.q.counts
	c.replayed += stored
	c.written += recorded
	if dropped > 0 {
		c.drop(Refused, dropped)
	}
	return stored
}
