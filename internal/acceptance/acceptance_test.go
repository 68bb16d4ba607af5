//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
)

const requests = 10_000

// TestReportSaysWhatWasSent compares the report with the generator's own books,
// endpoint by endpoint.
func TestReportSaysWhatWasSent(t *testing.T) {
	app := startApp(t)
	books := newBooks()
	// One connection: with more, requests would wait in the server's socket for a
	// processor, which the server cannot see.
	app.load(t, requests, 1, books)

	got := app.reportOf(t, int64(requests))
	sent := books.total()
	metrics := got.Performance.Metrics
	t.Logf("sent %d requests, %d errors, %d users", sent.count, sent.errors, len(sent.users))
	if metrics.TotalRequests != sent.count || metrics.ErrorCount != sent.errors || metrics.ActiveUsers != int64(len(sent.users)) {
		t.Errorf("totals: got %d requests, %d errors, %d users", metrics.TotalRequests, metrics.ErrorCount, metrics.ActiveUsers)
	}
	near(t, "all", 0.50, metrics.P50MS, sent)
	near(t, "all", 0.95, metrics.P95MS, sent)
	near(t, "all", 0.99, metrics.P99MS, sent)

	if len(got.Performance.Endpoints) != len(books.routes) {
		t.Errorf("got %d endpoints, sent to %d", len(got.Performance.Endpoints), len(books.routes))
	}
	for _, e := range got.Performance.Endpoints {
		name := e.Method + " " + e.Endpoint
		want := books.routes[name]
		if want == nil {
			t.Errorf("%s was never asked for", name)
			continue
		}
		if e.RequestCount != want.count || e.ErrorCount != want.errors || e.ActiveUsers != int64(len(want.users)) {
			t.Errorf("%s: got %d requests, %d errors, %d users, want %d, %d, %d",
				name, e.RequestCount, e.ErrorCount, e.ActiveUsers, want.count, want.errors, len(want.users))
		}
		near(t, name, 0.50, e.P50MS, want)
		near(t, name, 0.95, e.P95MS, want)
		near(t, name, 0.99, e.P99MS, want)
		t.Logf("%-52s %5d requests %4d errors %2d users  p50 %.2f (%.2f)  p95 %.2f (%.2f)  p99 %.2f (%.2f) ms",
			name, e.RequestCount, e.ErrorCount, e.ActiveUsers, e.P50MS, want.quantile(0.5),
			e.P95MS, want.quantile(0.95), e.P99MS, want.quantile(0.99))
	}
	for _, e := range got.Errors.Errors {
		name := fmt.Sprintf("%s %s %s", e.Method, e.Endpoint, e.ErrorType)
		if want := books.failures[name]; e.Count != want {
			t.Errorf("%s: got %d, want %d", name, e.Count, want)
		}
	}
	if len(got.Errors.Errors) != len(books.failures) {
		t.Errorf("got %d kinds of error, sent %d", len(got.Errors.Errors), len(books.failures))
	}
}

// near fails unless got is within 2 % + 1 ms of what was measured at the
// server's socket.
func near(t *testing.T, name string, q, got float64, sent *tally) {
	t.Helper()
	if want := sent.quantile(q); math.Abs(got-want) > 0.02*want+1 {
		t.Errorf("%s: p%.0f: got %.2f ms, the socket saw %.2f ms", name, 100*q, got, want)
	}
}

// TestTerminationUnderLoadLosesNoAnsweredRequest stops the server in the middle
// of the load and looks for every answered request in the database by its
// correlation id, through the sqlite3 program.
func TestTerminationUnderLoadLosesNoAnsweredRequest(t *testing.T) {
	app := startApp(t)
	books := newBooks()
	stopped := make(chan time.Duration, 1)
	books.after(2_000, func() {
		began := time.Now()
		if err := app.server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("signal: %v", err)
		}
		<-app.exited
		stopped <- time.Since(began)
	})
	app.load(t, requests, 8, books)
	took := <-stopped

	out, err := exec.Command("sqlite3", app.database, "select correlation_id from performance_metrics").Output()
	if err != nil {
		t.Fatalf("sqlite3: %v", err)
	}
	recorded := strings.Fields(string(out))
	slices.Sort(recorded)
	lost := 0
	for _, id := range books.answered {
		if _, found := slices.BinarySearch(recorded, id); !found {
			lost++
		}
	}
	t.Logf("answered %d, recorded %d, lost %d; stopped in %v", len(books.answered), len(recorded), lost, took.Round(time.Millisecond))
	if lost > 0 || len(books.answered) < 2_000 || len(books.answered) >= requests {
		t.Errorf("lost %d of %d answered requests of %d", lost, len(books.answered), requests)
	}
	if len(slices.Compact(recorded)) != len(recorded) {
		t.Error("a request was recorded twice")
	}
	if took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

type report struct {
	Performance query.Performance `json:"performance"`
	Errors      query.Errors      `json:"errors"`
}

// reportOf asks for the report until it holds as many requests as were sent:
// they are visible within a second.
func (a *app) reportOf(t *testing.T, want int64) report {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		var stderr bytes.Buffer
		cmd := exec.Command(a.binary, "report", "--range", "24h", "-o", "json", "--database-url", "sqlite://"+a.database)
		cmd.Env, cmd.Stderr = a.env, &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("report: %v\n%s", err, stderr.String())
		}
		var r report
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("read report: %v\n%s", err, out)
		}
		if r.Performance.Metrics.TotalRequests >= want || time.Now().After(deadline) {
			return r
		}
	}
}
