package server

import (
	"fmt"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// carryTracker puts the tracker's tag into the application's pages, and
// publishes what became of each.
func (p *proxy) carryTracker(script string, m *Metrics) {
	injector := inject.New(script, p.reverse.Transport)
	p.reverse.Transport = injector
	for _, o := range inject.Outcomes() {
		m.Counter(fmt.Sprintf("appmetrics_tracker_pages_total{outcome=%q}", o), "Pages of the application, by what became of the tracker's tag.",
			func() float64 { return float64(injector.Count(o)) })
	}
}
