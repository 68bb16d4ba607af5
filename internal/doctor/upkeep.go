package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/text"
)

// checkSize compares the rows with the thresholds of the growth guard.
func (p *patient) checkSize(ctx context.Context) finding {
	health, err := p.db.Health(ctx)
	if err != nil {
		return failed(p.mendDatabase(err), "%v", err)
	}
	p.health = health
	rows, size := health.Rows(), bytes(health.SizeBytes)
	switch {
	case rows > p.AlertRows:
		f := failed("run `appmetrics aggregate`; when it stays so, raise aggregate.alert_rows to what the database is made for",
			"%s rows (%s), more than the alert's %s", text.Count(rows), size, text.Count(p.AlertRows))
		f.bearable = true
		return f
	case rows > p.WarnRows:
		return passed("%s rows (%s): more than the warning's %s, the alert is at %s",
			text.Count(rows), size, text.Count(p.WarnRows), text.Count(p.AlertRows))
	}
	return passed("%s rows (%s); the warning is at %s", text.Count(rows), size, text.Count(p.WarnRows))
}

// latest is how long after a daily run the next may end.
const latest = 26 * time.Hour

// checkAggregation looks at the last run, and whether one is overdue. On an
// embedded database serve makes up for what is overdue when it next runs.
func (p *patient) checkAggregation(context.Context) finding {
	const mend = "run `appmetrics aggregate`, and look at why the scheduler does not"
	last, now := p.health.LastRun, p.Now()
	waits := p.waiting(now)
	within := max(latest, p.Interval+p.Interval/2)
	byItself := p.embedded() && p.Interval > 0
	switch {
	case last == nil && (!waits || byItself):
		return passed("has never run; %s", map[bool]string{true: "serve will do it", false: "nothing is old enough"}[waits])
	case last == nil:
		return failed(mend, "has never run, and raw rows older than 7 days wait")
	}
	ago := ago(last, now)
	switch {
	case last.Outcome == aggregate.OutcomeFailed:
		return failed("run `appmetrics aggregate` and read what it says", "the last run, %s, failed", ago)
	case last.Outcome == aggregate.OutcomeDoubted:
		return failed("look at the clock; if it is right, run `appmetrics aggregate`, or leave it to serve for a day",
			"the last run, %s, did nothing: so long after the one before, the clock may have jumped", ago)
	case waits && !byItself && now.Sub(last.FinishedAt) > within:
		return failed(mend, "the last run was %s, and raw rows older than 7 days wait", ago)
	case last.Outcome == aggregate.OutcomeGuard:
		return passed("the last run was %s; the growth guard fired in it", ago)
	}
	return passed("the last run was %s", ago)
}

// waiting reports whether there are raw rows that a run would take.
func (p *patient) waiting(now time.Time) bool {
	before := now.Add(-metric.RawRetention).Truncate(time.Hour)
	for _, table := range []store.TableHealth{p.health.Requests, p.health.Events} {
		if !table.Oldest.IsZero() && table.Oldest.Before(before) {
			return true
		}
	}
	return false
}

func ago(run *store.Run, now time.Time) string {
	words := "less than a minute"
	if elapsed := now.Sub(run.FinishedAt); elapsed >= time.Minute {
		words = text.Duration(float64(elapsed.Milliseconds()))
	}
	return fmt.Sprintf("%s ago (%s)", words, run.FinishedAt.UTC().Format(time.RFC3339))
}

func bytes(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
