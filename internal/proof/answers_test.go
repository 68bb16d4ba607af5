//go:build unix

package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// prove ends a proof: the database must hold what was acknowledged, and the
// program must answer what the database holds, from raw rows and, after
// aggregation, from rollups. The program is started for it, and stopped.
func (b *books) prove(p *program) {
	p.t.Helper()
	p.begin()
	b.awaitStored(p.t, p.database)
	p.stop()
	found := b.check(p.t, p.database)
	p.begin()
	// Above that, questions of raw rows of the whole retention are not answered
	// within the 10 s that they have.
	const mostRaw = 500_000
	if len(found.events)+len(found.requests) < mostRaw {
		b.checkAnswers(p, found)
	}
	// The growth guard makes rollups of every complete hour, however young.
	p.must(3, []string{"APPMETRICS_AGGREGATE_WARN_ROWS=1", "APPMETRICS_AGGREGATE_ALERT_ROWS=1", "APPMETRICS_AGGREGATE_GROWTH_ROWS_PER_DAY=1"}, "aggregate")
	b.checkRetired(p.t, p.database)
	b.checkAnswers(p, found)
	p.stop()
}

// checkRetired fails while raw rows of ours are left: then the answers would not
// be those of rollups.
func (b *books) checkRetired(t testing.TB, url string) {
	t.Helper()
	var left int
	err := storetest.DB(t, url).QueryRow(`SELECT (SELECT count(*) FROM usage_events) +
		(SELECT count(*) FROM performance_metrics WHERE endpoint LIKE '/proof/%')`).Scan(&left)
	if err != nil || left > 0 {
		t.Errorf("%d raw rows are left (%v)", left, err)
	}
}

// checkAnswers compares what the program answers with what the database held.
func (b *books) checkAnswers(p *program, found stored) {
	p.t.Helper()
	got, want := b.asked(p, found.writers()), b.expected(found)
	if slices.Equal(got, want) {
		return
	}
	only := func(a, b []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) }), "\n\t")
	}
	p.t.Fatalf("answers: got\n\t%s\nwant\n\t%s", only(got, want), only(want, got))
}

// figures are counts by what they are of.
type figures map[string]int64

func (f figures) lines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] != 0 {
			lines = append(lines, fmt.Sprint(name, ": ", f[name]))
		}
	}
	return lines
}

// seriesOf is the endpoint whose hours are asked for.
const seriesOf = "/proof/orders"

// expected returns what the answers must be.
func (b *books) expected(found stored) []string {
	f := figures{}
	for key, e := range found.events {
		s := sample{key: key, writer: int(e.writer)}
		f["events of "+sender(s.writer)]++
		f["events of type "+s.eventType()]++
		f["events of the hour "+s.timestamp().Truncate(time.Hour).Format(time.RFC3339)]++
		if s.eventType() == "page_view" {
			f["views of "+s.page()]++
		}
		if !s.success() {
			f["failures"]++
		}
	}
	for key, e := range found.requests {
		s := sample{key: key, writer: int(e.writer), isOld: true}
		f["requests of "+s.method()+" "+s.endpoint()]++
		if s.endpoint() == seriesOf {
			f["requests to "+seriesOf+" of the hour "+s.timestamp().Truncate(time.Hour).Format(time.RFC3339)]++
		}
		if s.status() >= 400 {
			f["errors of "+s.method()+" "+s.endpoint()]++
		}
	}
	return f.lines()
}

// writers returns those of whom there is an event.
func (s stored) writers() []int {
	all := map[int]bool{}
	for _, e := range s.events {
		all[int(e.writer)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// asked returns what the program answers.
func (b *books) asked(p *program, writers []int) []string {
	p.t.Helper()
	f := figures{}
	// Both ranges begin and end with an hour.
	events := span(b.events.first, b.events.hours)
	requests := span(b.requests.first, b.requests.hours)

	for _, writer := range writers {
		var count query.Count
		p.ask(sender(writer), "usage/count", events, &count)
		f["events of "+sender(writer)] += count.Count
	}
	var usage query.Usage
	p.ask(administrator, "usage", events, &usage)
	for kind, n := range usage.EventDistribution {
		f["events of type "+kind] += n
	}
	for page, n := range usage.PageViews {
		f["views of "+page] += n
	}
	f["failures"] = usage.Metrics.FailureCount
	f.addHours(p, "events of the hour ", events, "metric_type", "usage")

	var performance query.Performance
	p.ask(administrator, "performance", requests, &performance)
	for _, e := range performance.Endpoints {
		if strings.HasPrefix(e.Endpoint, "/proof/") { // not the posts themselves
			f["requests of "+e.Method+" "+e.Endpoint] += e.RequestCount
			f["errors of "+e.Method+" "+e.Endpoint] += e.ErrorCount
		}
	}
	f.addHours(p, "requests to "+seriesOf+" of the hour ", requests, "metric_type", "performance", "endpoint", seriesOf)
	return f.lines()
}

// addHours adds the points of a time series.
func (f figures) addHours(p *program, name string, within url.Values, parameters ...string) {
	p.t.Helper()
	asked := maps.Clone(within)
	for i := 0; i < len(parameters); i += 2 {
		asked.Set(parameters[i], parameters[i+1])
	}
	var series struct {
		Points []struct {
			Timestamp time.Time `json:"timestamp"`
			Requests  int64     `json:"total_requests"`
			Events    int64     `json:"total_events"`
		} `json:"data_points"`
	}
	p.ask(administrator, "time-series", asked, &series)
	for _, point := range series.Points {
		f[name+point.Timestamp.UTC().Format(time.RFC3339)] += point.Requests + point.Events
	}
}

func span(first time.Time, hours int64) url.Values {
	return url.Values{
		"start_time": {first.Format(time.RFC3339)},
		"end_time":   {first.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339)},
	}
}

// ask puts a question to the program.
func (p *program) ask(user, path string, parameters url.Values, answer any) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.url()+"/api/v1/metrics/"+path+"?"+parameters.Encode(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-Email", user)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s", path, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}
