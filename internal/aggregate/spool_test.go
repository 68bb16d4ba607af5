package aggregate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// sleep is how long a spool says nothing at most; what its source stands at is
// forgotten after 90 days.
const sleep = 40 * day

// post is what a client sent, perhaps to several spools. With ids it is stored
// once.
type post struct {
	batch    metric.Batch
	stored   bool
	storedAt time.Time
}

// entry is a post in a spool: the samples of its source up to end.
type entry struct {
	post       *post
	begin, end int64     // of the position that its delivery moved
	at         time.Time // by the clock of the machine
}

// spool is what a machine has accepted and not stored so far.
type spool struct {
	machine        machine
	source         uuid.UUID
	position, next int64
	waiting, sent  []*entry
	touched        time.Time // when the database last heard of it
}

func newSpool(m machine) *spool { return &spool{machine: m, source: uuid.New()} }

// receivedAt is the time before which nothing waits behind the first n entries.
func (h *past) receivedAt(s *spool, n int) time.Time {
	if len(s.waiting) > n {
		return s.waiting[n].at
	}
	return h.clock(s.machine)
}

// touch lets the database know that a spool lives.
func (h *past) touch(s *spool) error {
	s.touched = h.now
	_, err := s.machine.store.AppendAt(context.Background(), metric.Batch{},
		metric.Position{Source: s.source, From: s.position, To: s.position, ReceivedAt: h.receivedAt(s, 0)})
	return err
}

// post puts a batch into a spool or, as a client does that hears no answer,
// into one after the other.
func (h *past) post(t *rapid.T) {
	p := &post{batch: h.drawBatch(t, h.drawPosted)}
	if p.batch.Len() == 0 {
		return
	}
	into := h.spools[:1]
	if p.batch.CheckIDs = rapid.Bool().Draw(t, "with ids"); p.batch.CheckIDs {
		identify(p.batch)
		into = h.spools[:rapid.IntRange(1, len(h.spools)).Draw(t, "spools")]
	}
	for _, s := range into {
		s.next += rapid.Int64Range(0, 1).Draw(t, "damaged records") + int64(p.batch.Len())
		s.waiting = append(s.waiting, &entry{post: p, end: s.next, at: h.clock(s.machine)})
	}
	h.saw.plus("spooled", int64(len(into)))
}

func identify(b metric.Batch) {
	for i := range b.Requests {
		b.Requests[i].ID = uuid.New()
	}
	for i := range b.Events {
		b.Events[i].ID = uuid.New()
	}
}

// postAgain is a client that never heard that its post was stored.
func (h *past) postAgain(t *rapid.T) {
	// As long as both clocks, which may be wrong by a day each, agree on it.
	const patience = 5 * day
	var recent []*post
	for _, p := range h.posted {
		if h.now.Sub(p.storedAt) <= patience {
			recent = append(recent, p)
		}
	}
	if len(recent) == 0 {
		return
	}
	p := rapid.SampledFrom(recent).Draw(t, "post")
	stored, err := h.drawMachine(t).store.Append(context.Background(), p.batch)
	if err != nil || stored.Duplicates != p.batch.Len() {
		t.Fatalf("posted again: got %+v, %v; want %d duplicates", stored, err, p.batch.Len())
	}
	h.saw.add("posts refused by id")
}

// delivery is the replay of a spool's first entry, which ends when the database
// has it, whatever goes wrong on the way.
type delivery struct {
	spool      *spool
	machine    machine // the spool's own, or that of a copy of it
	entry      *entry
	batch      metric.Batch // empty when the database refuses it
	receivedAt time.Time
	faults     *faults
}

// drawDelivery returns nil when nothing waits.
func (h *past) drawDelivery(t *rapid.T, s *spool) *delivery {
	if len(s.waiting) == 0 {
		return nil
	}
	const points = 6 // of AppendAt
	d := &delivery{
		spool: s, machine: s.machine, entry: s.waiting[0], batch: s.waiting[0].post.batch,
		receivedAt: h.receivedAt(s, 1), faults: h.drawFaults(t, points),
	}
	if rapid.SampledFrom(oneInTen).Draw(t, "refused") {
		d.batch = metric.Batch{}
	}
	return d
}

// copied is the same delivery by another machine, with a copy of the spool.
func (h *past) copied(t *rapid.T, d *delivery) *delivery {
	twin := *d
	twin.machine, twin.faults = h.drawMachine(t), h.drawFaults(t, 6)
	return &twin
}

// run tries until the batch is stored.
func (d *delivery) run(ctx context.Context) error {
	position := d.spool.position
	for position < d.entry.end {
		_, err := d.machine.store.AppendAt(d.faults.in(ctx), d.batch, metric.Position{
			Source: d.spool.source, From: position, To: d.entry.end, ReceivedAt: d.receivedAt,
		})
		if err == nil {
			return nil
		}
		if !expected(err) && !refused(err) {
			return err
		}
		d.faults.world.saw.add("replays that were tried again")
		if position, err = d.machine.store.Position(ctx, d.spool.source); err != nil {
			return err
		}
	}
	d.faults.world.saw.add("replays that had been stored")
	return nil
}

// delivered notes that a delivery has ended.
func (h *past) delivered(d *delivery) {
	s, p := d.spool, d.entry.post
	d.entry.begin = s.position
	s.position, s.touched = d.entry.end, h.now
	s.waiting, s.sent = s.waiting[1:], append(s.sent, d.entry)
	h.changed = true
	switch {
	case d.batch.Len() == 0:
		return
	case p.stored:
		h.saw.add("replays refused by id")
		return
	}
	p.stored, p.storedAt = true, h.now
	h.oracle.add(p.batch)
	if p.batch.CheckIDs {
		h.posted = append(h.posted, p)
	}
}

func (h *past) replay(t *rapid.T) {
	s := rapid.SampledFrom(h.spools).Draw(t, "spool")
	if len(s.waiting) == 0 {
		h.post(t)
	}
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		d := h.drawDelivery(t, s)
		if d == nil {
			return
		}
		if err := d.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.delivered(d)
	}
}

// replayCopy replays what was stored before, from a copy of a spool.
func (h *past) replayCopy(t *rapid.T) {
	s := rapid.SampledFrom(h.spools).Draw(t, "spool")
	if len(s.sent) == 0 {
		return
	}
	e := rapid.SampledFrom(s.sent).Draw(t, "entry")
	if err := h.mustRefuse(h.drawMachine(t), s, e); err != nil {
		t.Fatal(err)
	}
}

func (h *past) mustRefuse(m machine, s *spool, e *entry) error {
	_, err := m.store.AppendAt(context.Background(), e.post.batch,
		metric.Position{Source: s.source, From: e.begin, To: e.end, ReceivedAt: e.at})
	if !refused(err) {
		return fmt.Errorf("a copy of what was stored: got %w, want a PositionError", err)
	}
	h.saw.add("copies refused by position")
	return nil
}

// restart ends a spool that has nothing left; copies of it may still come.
func (h *past) restart(t *rapid.T) {
	i := rapid.IntRange(0, len(h.spools)-1).Draw(t, "spool")
	s := h.spools[i]
	if len(s.waiting) > 0 {
		return
	}
	err := s.machine.store.Forget(context.Background(), s.source)
	if err == nil && len(s.sent) > 0 {
		err = h.mustRefuse(h.drawMachine(t), s, rapid.SampledFrom(s.sent).Draw(t, "entry"))
	}
	h.spools[i] = newSpool(s.machine)
	if err == nil {
		err = h.touch(h.spools[i])
	}
	if err != nil {
		t.Fatal(err)
	}
}
