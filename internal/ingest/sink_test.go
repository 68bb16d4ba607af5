package ingest_test

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// positions is what every sink of a test has in common: where the sources
// stand.
type positions struct {
	mu        sync.Mutex
	at        map[uuid.UUID]int64
	forgotten []uuid.UUID
	isSilent  bool // it does not say where a source stands
}

// move calls store when the source stands at at.From, and moves it.
func (p *positions) move(at metric.Position, store func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if actual := p.at[at.Source]; actual != at.From {
		return &metric.PositionError{Source: at.Source, Want: at.From, Actual: actual}
	}
	if p.at == nil {
		p.at = map[uuid.UUID]int64{}
	}
	p.at[at.Source] = at.To
	store()
	return nil
}

// answers says whether Position answers.
func (p *positions) answers(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isSilent = !yes
}

func (p *positions) Position(_ context.Context, source uuid.UUID) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isSilent {
		return 0, errAway
	}
	return p.at[source], nil
}

func (p *positions) Forget(_ context.Context, sources ...uuid.UUID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isSilent {
		return errAway
	}
	p.forgotten = append(p.forgotten, sources...)
	return nil
}
