package api_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/ingest"
)

// counting is an Intake that keeps count of what was refused before it.
type counting struct {
	broken
	mu       sync.Mutex
	rejected map[ingest.Reason]int
}

func (c *counting) CountRejected(reason ingest.Reason, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rejected == nil {
		c.rejected = map[ingest.Reason]int{}
	}
	c.rejected[reason] += n
}

// A post that is refused is counted: its samples, or one where nobody knows how
// many there were.
func TestRefusedPostsAreCounted(t *testing.T) {
	t.Parallel()
	const twoEvents = `{"events":[{"event_type":"page_view","timestamp":"2025-10-18T12:00:00Z"},{"event_type":"dance","timestamp":"2025-10-18T12:00:00Z"}]}`
	cases := map[string]struct {
		target, contentType, encoding string
		body                          io.Reader
		status                        int
		want                          map[ingest.Reason]int
	}{
		"one of two samples":    {body: strings.NewReader(twoEvents), status: 400, want: map[ingest.Reason]int{ingest.Invalid: 2}},
		"no JSON":               {body: strings.NewReader(`{"events":`), status: 400, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"no samples":            {body: strings.NewReader(`{"events":[]}`), status: 400, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"unknown parameter":     {target: "?app=shop", body: strings.NewReader(oneEvent), status: 400, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"cut short":             {body: iotest.ErrReader(io.ErrUnexpectedEOF), status: 400, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"too slow":              {body: iotest.ErrReader(os.ErrDeadlineExceeded), status: 408, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"too many samples":      {body: strings.NewReader(bodyFor(events, 1001)), status: 413, want: map[ingest.Reason]int{ingest.Invalid: 1001}},
		"too large":             {body: strings.NewReader(strings.Repeat(" ", ingest.MaxBodyBytes+1)), status: 413, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"a form":                {contentType: "application/x-www-form-urlencoded", body: strings.NewReader(oneEvent), status: 415, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"encoding":              {encoding: "br", body: strings.NewReader(oneEvent), status: 415, want: map[ingest.Reason]int{ingest.Invalid: 1}},
		"counted by the intake": {body: strings.NewReader(oneEvent), status: 500, want: map[ingest.Reason]int{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			intake := &counting{broken: broken{errors.New("refused")}}
			h, err := api.New(api.Options{Source: broken{}, Intake: intake, Now: clock})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, events+c.target, c.body)
			r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
			r.Header.Set("Content-Encoding", c.encoding)
			if r.Header.Set("Content-Type", c.contentType); c.contentType == "" {
				r.Header.Set("Content-Type", "application/json")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || !maps.Equal(intake.rejected, c.want) {
				t.Errorf("got %d and %v counted, want %d and %v: %s", w.Code, intake.rejected, c.status, c.want, w.Body)
			}
		})
	}
}
