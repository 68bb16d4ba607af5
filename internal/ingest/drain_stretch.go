package ingest

import (
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// stretch reads entries of one source, up to the first that this version cannot
// read. It returns errNewer when that is the first of all.
func (d *drainer) stretch(entries []spool.Entry) (stretch, error) {
	var s stretch
	for i := range entries {
		e := &entries[i]
		end := e.First + int64(e.Samples)
		b, isRecorded, err := d.q.codec.decode(e.Payload)
		switch {
		case errors.Is(err, errNewer):
			if i == 0 {
				return s, err
			}
			return s, nil
		case err == nil && b.Len() != e.Samples:
			err = errEncoding
		}
		if err != nil {
			s.gaps, s.end = append(s.gaps, gap{end, e.Samples - e.Done, e.Payload, err}), end
			continue
		}
		p := part{first: e.First + int64(e.Done), batch: slice(b, e.Done, e.Samples), isRecorded: isRecorded}
		if d.q.opts.Ack == AckDisk || e.Source != d.spool.Source() {
			p.at = e.At // else it holds only what is recorded, which has no ids
		}
		s.parts, s.end = append(s.parts, p), end
	}
	return s, nil
}

// idChecks says which batches may be written as one: their ids are either all
// checked or none is. Batches without ids go with both.
type idChecks struct{ isChecked, isUnchecked bool }

func (c *idChecks) allow(b metric.Batch) bool {
	switch {
	case b.CheckIDs:
		c.isChecked = true
	case hasIDs(b):
		c.isUnchecked = true
	}
	return !c.isChecked || !c.isUnchecked
}

func hasIDs(b metric.Batch) bool {
	return slices.ContainsFunc(b.Requests, func(r metric.Request) bool { return r.ID != uuid.Nil }) ||
		slices.ContainsFunc(b.Events, func(e metric.Event) bool { return e.ID != uuid.Nil })
}

// gap is samples that cannot be read, which end before a number.
type gap struct {
	end     int64
	samples int
	payload []byte
	err     error
}

// lost returns the gaps between two places of the line.
func (s *stretch) lost(from, to int64) []gap {
	return slices.DeleteFunc(slices.Clone(s.gaps), func(g gap) bool { return g.end <= from || to < g.end })
}
