package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// Section is a part of a report that CSV can hold. A CSV file is one table with
// one header row, so it holds one section.
type Section string

// The sections of CSV.
const (
	SectionEndpoints  Section = "endpoints"
	SectionErrors     Section = "errors"
	SectionEvents     Section = "events"
	SectionPages      Section = "pages"
	SectionElements   Section = "elements"
	SectionTimeSeries Section = "time_series"
)

// Sections lists all sections, the default first.
func Sections() []Section {
	return []Section{
		SectionEndpoints, SectionErrors, SectionEvents, SectionPages, SectionElements, SectionTimeSeries,
	}
}

// renderCSV writes names through the sanitiser of CSV, and numbers in full: as
// the API gives them, in milliseconds and ratios. Columns are called as in the
// API. Without data there is the header row alone.
func renderCSV(w io.Writer, r *Report, o Options) error {
	var rows [][]string
	switch o.Section {
	case "", SectionEndpoints:
		rows = endpointRecords(r)
	case SectionErrors:
		rows = errorRecords(r.Errors)
	case SectionEvents:
		rows = countRecords("event_type", "event_count", r.Usage.EventDistribution)
	case SectionPages:
		rows = countRecords("page_name", "page_views", r.Usage.PageViews)
	case SectionElements:
		rows = elementRecords(r.Usage)
	case SectionTimeSeries:
		rows = pointRecords(r.TimeSeries)
	default:
		var names []string
		for _, section := range Sections() {
			names = append(names, string(section))
		}
		return fmt.Errorf("unknown section %q; one of %s", o.Section, strings.Join(names, ", "))
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func endpointRecords(r *Report) [][]string {
	header := []string{
		"endpoint", "method", "request_count", "error_count", "error_rate", "avg_response_time_ms",
		"p50_response_time_ms", "p95_response_time_ms", "p99_response_time_ms", "min_response_time_ms",
		"max_response_time_ms", "active_users", "anonymous_requests",
	}
	if r.Params.Compare {
		header = append(header, "previous_request_count", "previous_error_rate", "previous_p95_response_time_ms",
			"request_count_change", "error_rate_difference", "p95_response_time_change")
	}
	rows, previous := [][]string{header}, previousEndpoints(r)
	for _, e := range r.Performance.Endpoints {
		row := []string{
			text.CSVCell(e.Endpoint), text.CSVCell(e.Method), whole(e.RequestCount), whole(e.ErrorCount),
			number(e.ErrorRate), number(e.AverageMS), number(e.P50MS), number(e.P95MS), number(e.P99MS),
			number(e.MinMS), number(e.MaxMS), whole(e.ActiveUsers), whole(e.AnonymousRequests),
		}
		if r.Params.Compare {
			row = append(row, comparisonCells(e, previous)...)
		}
		rows = append(rows, row)
	}
	return rows
}

// comparisonCells are the previous figures of an endpoint and the changes
// since: of counts and times relative to before (0.25 is a quarter more), of
// the error rate the difference. What there is not is empty.
func comparisonCells(e query.EndpointPerformance, previous map[endpointKey]query.EndpointPerformance) []string {
	before, found := previous[endpointKey{e.Endpoint, e.Method}]
	if !found {
		cells := make([]string, 6)
		if previous != nil {
			cells[0] = whole(0)
		}
		return cells
	}
	relative := func(now, before float64) string {
		if before == 0 {
			return ""
		}
		return number((now - before) / before)
	}
	return []string{
		whole(before.RequestCount), number(before.ErrorRate), number(before.P95MS),
		relative(float64(e.RequestCount), float64(before.RequestCount)),
		number(e.ErrorRate - before.ErrorRate), relative(e.P95MS, before.P95MS),
	}
}

func errorRecords(errors *query.Errors) [][]string {
	rows := [][]string{{
		"error_type", "endpoint", "method", "count", "users_affected", "first_seen", "last_seen",
	}}
	for _, e := range errors.Errors {
		rows = append(rows, []string{
			text.CSVCell(e.ErrorType), text.CSVCell(e.Endpoint), text.CSVCell(e.Method),
			whole(e.Count), whole(e.UsersAffected),
			e.FirstSeen.UTC().Format(time.RFC3339Nano), e.LastSeen.UTC().Format(time.RFC3339Nano),
		})
	}
	return rows
}

func countRecords(nameColumn, countColumn string, counts map[string]int64) [][]string {
	rows := [][]string{{nameColumn, countColumn}}
	for _, name := range byCount(counts) {
		rows = append(rows, []string{text.CSVCell(name), whole(counts[name])})
	}
	return rows
}

func elementRecords(usage *query.Usage) [][]string {
	rows := [][]string{{"page_name", "element_id", "count", "unique_users"}}
	for _, e := range usage.Elements {
		rows = append(rows, []string{
			text.CSVCell(e.PageName), text.CSVCell(e.ElementID), whole(e.Count), whole(e.UniqueUsers),
		})
	}
	return rows
}

func pointRecords(series *query.TimeSeries) [][]string {
	rows := [][]string{{
		"timestamp", "total_requests", "error_count", "error_rate", "avg_response_time_ms",
		"p50_response_time_ms", "p95_response_time_ms", "p99_response_time_ms", "active_users",
		"total_events", "unique_users",
	}}
	for _, p := range series.DataPoints {
		row := make([]string, len(rows[0]))
		row[0] = p.Timestamp.UTC().Format(time.RFC3339)
		if q := p.PerformancePoint; q != nil {
			copy(row[1:], []string{
				whole(q.TotalRequests), whole(q.ErrorCount), number(q.ErrorRate), nullable(q.AverageMS),
				nullable(q.P50MS), nullable(q.P95MS), nullable(q.P99MS), whole(q.ActiveUsers),
			})
		}
		if q := p.UsagePoint; q != nil {
			copy(row[9:], []string{whole(q.TotalEvents), whole(q.UniqueUsers)})
		}
		rows = append(rows, row)
	}
	return rows
}

// byCount returns the names, most frequent first, equal ones by name.
func byCount(counts map[string]int64) []string {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int {
		return int(min(max(counts[b]-counts[a], -1), 1))
	})
	return names
}

func whole(n int64) string    { return strconv.FormatInt(n, 10) }
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func nullable(x *float64) string {
	if x == nil {
		return ""
	}
	return number(*x)
}
