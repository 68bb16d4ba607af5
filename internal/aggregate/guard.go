package aggregate

import (
	"context"
	"log/slog"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

// Defaults of Thresholds.
const (
	DefaultWarnRows  = 800_000
	DefaultLimitRows = 1_000_000
	DefaultRowsADay  = 10_000
)

// Thresholds say how large the database may grow. Rows are those of all three
// tables together.
type Thresholds struct {
	// WarnRows is the number of rows above which a run warns.
	WarnRows int64
	// LimitRows is the number of rows above which a run alerts.
	LimitRows int64
	// RowsADay is the growth, in rows a day since the last run, above which a
	// run that alerts also aggregates young raw rows.
	RowsADay int64
}

func (t Thresholds) withDefaults() Thresholds {
	if t.WarnRows == 0 {
		t.WarnRows = DefaultWarnRows
	}
	if t.LimitRows == 0 {
		t.LimitRows = DefaultLimitRows
	}
	if t.RowsADay == 0 {
		t.RowsADay = DefaultRowsADay
	}
	return t
}

// Guard compares the size of the database with its thresholds.
type Guard struct {
	// Rows are the rows of all three tables.
	Rows int64
	// Thresholds are those that were compared with.
	Thresholds Thresholds
	// RowsADay is the growth since the last run; 0 when none ever ran.
	RowsADay float64
	// Fires says that both the limit and the growth are exceeded.
	Fires bool
}

// compare has no opinion about growth without a run before. Less than an hour
// counts as one, so that a run that is repeated at once does not take a handful
// of rows for a flood.
func (t Thresholds) compare(rows int64, last *store.Run, now time.Time) Guard {
	g := Guard{Rows: rows, Thresholds: t}
	if last != nil {
		elapsed := max(now.Sub(last.FinishedAt), time.Hour)
		g.RowsADay = float64(rows-last.RowsAfter.Total()) / (elapsed.Hours() / 24)
	}
	g.Fires = rows > t.LimitRows && g.RowsADay > float64(t.RowsADay)
	return g
}

// log says the size after every run, as loud as it is large. The alert keeps
// its words when the limit is another than the default: alerting rules match
// them, and the details hold the number.
func (g Guard) log(ctx context.Context, log *slog.Logger) {
	details := []any{
		"rows", g.Rows, "rows_a_day", g.RowsADay,
		"warn_rows", g.Thresholds.WarnRows, "limit_rows", g.Thresholds.LimitRows,
	}
	switch {
	case g.Rows > g.Thresholds.LimitRows:
		log.ErrorContext(ctx, "ALERT: Database size exceeded 1M threshold", details...)
	case g.Rows > g.Thresholds.WarnRows:
		log.WarnContext(ctx, "database size nears its threshold", details...)
	default:
		log.InfoContext(ctx, "database size", details...)
	}
}
