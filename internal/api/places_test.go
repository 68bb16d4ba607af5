package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/query"
)

// heavy is a Source whose questions take as long as the test lets them.
type heavy struct {
	broken // what is not asked here

	mu      sync.Mutex
	running int
	most    int
	release chan struct{}
	panics  bool
}

func (h *heavy) take(ctx context.Context) error {
	h.mu.Lock()
	h.running++
	h.most = max(h.most, h.running)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.running--
		h.mu.Unlock()
	}()
	if h.panics {
		panic("within a question")
	}
	select {
	case <-h.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *heavy) Performance(ctx context.Context, _ query.PerformanceParams) (*query.Performance, error) {
	return &query.Performance{}, h.take(ctx)
}

func (h *heavy) Count(ctx context.Context, _ query.CountParams) (*query.Count, error) {
	return &query.Count{}, h.take(ctx)
}

// desk is an API over a heavy Source, used without a network, so that it can be
// in a bubble whose time passes by itself.
type desk struct {
	*heavy
	handler http.Handler
	intake  counting
	busy    atomic.Int64 // questions that were told to come back
	log     lines
}

// lines are a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

func newDesk(t *testing.T, places int) *desk {
	t.Helper()
	d := &desk{heavy: &heavy{release: make(chan struct{})}}
	var err error
	d.handler, err = api.New(api.Options{
		Source: d.heavy, Intake: &d.intake, Checker: says{identity: admin.Identity{UserID: "ada", Admin: true}},
		MaxQuestions: places, OnBusy: func() { d.busy.Add(1) }, Now: clock, Logger: slog.New(slog.NewTextHandler(&d.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ask sends one question, and delivers the answer: nil when the connection is
// cut instead.
func (d *desk) ask(ctx context.Context, path string) <-chan *httptest.ResponseRecorder {
	answers := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		defer func() {
			if cause := recover(); cause == http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
				w = nil
			} else if cause != nil {
				panic(cause)
			}
			answers <- w
		}()
		d.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody))
	}()
	synctest.Wait()
	return answers
}

const (
	performanceOfADay = "/api/v1/metrics/performance?time_range=24h"
	countOfADay       = "/api/v1/metrics/usage/count?time_range=24h"
)

func TestQuestionsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 2)
		running := []<-chan *httptest.ResponseRecorder{d.ask(t.Context(), performanceOfADay), d.ask(t.Context(), performanceOfADay)}
		began := time.Now()
		refused := <-d.ask(t.Context(), performanceOfADay)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("refused after %v, want 2 s", took)
		}
		var body fault
		if err := json.Unmarshal(refused.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if refused.Code != http.StatusServiceUnavailable || refused.Header().Get("Retry-After") != "2" ||
			body.Error != "Service Unavailable" || body.StatusCode != 503 || body.CorrelationID == "" ||
			body.Message != "Too many questions at once; ask again in a moment" {
			t.Errorf("got %d %v %+v", refused.Code, refused.Header(), body)
		}

		// Who waits is answered as soon as there is a place.
		patient := d.ask(t.Context(), performanceOfADay)
		d.release <- struct{}{}
		synctest.Wait()
		close(d.release)
		for _, answer := range append(running, patient) {
			if w := <-answer; w.Code != http.StatusOK {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		}
		if n := d.busy.Load(); n != 1 {
			t.Errorf("%d questions counted as refused, want 1", n)
		}
		if d.most != 2 {
			t.Errorf("%d questions ran at once, want 2", d.most)
		}
	})
}

// Neither users that ask for their own count nor clients that post wait behind
// the questions of administrators, nor the other way round.
func TestHeavyQuestionsHoldUpNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1)
		heavy := d.ask(t.Context(), performanceOfADay)
		began := time.Now()
		count := d.ask(t.Context(), countOfADay)
		posted := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, events, strings.NewReader(oneEvent))
		r.Header.Set("Content-Type", "application/json")
		d.handler.ServeHTTP(posted, r)
		if posted.Code != http.StatusAccepted || time.Since(began) != 0 {
			t.Errorf("post: got %d %s after %v", posted.Code, posted.Body, time.Since(began))
		}
		if d.most != 2 {
			t.Errorf("the count waits for the question")
		}
		if w := <-d.ask(t.Context(), countOfADay); w.Code != http.StatusServiceUnavailable {
			t.Errorf("second count: got %d", w.Code)
		}
		close(d.release)
		if a, b := <-heavy, <-count; a.Code != http.StatusOK || b.Code != http.StatusOK {
			t.Errorf("got %d and %d", a.Code, b.Code)
		}
	})
}

func TestPlacesComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1)
		d.panics = true
		if w := <-d.ask(t.Context(), performanceOfADay); w.Code != http.StatusInternalServerError {
			t.Errorf("panic: got %d", w.Code)
		}
		d.panics = false
		d.log.Reset()

		gone, leave := context.WithCancel(t.Context())
		first := d.ask(gone, performanceOfADay)
		second := d.ask(gone, performanceOfADay) // waits
		leave()
		<-first
		<-second
		if d.log.String() != "" {
			t.Errorf("clients that go away are logged: %s", d.log.String())
		}

		third := d.ask(t.Context(), performanceOfADay)
		close(d.release)
		if w := <-third; w.Code != http.StatusOK {
			t.Errorf("after a panic and two clients that went away: got %d %s", w.Code, w.Body)
		}
	})
}

// Before questions are refused the log says so, once: when places are held for
// longer than the moments that a dashboard takes to open.
func TestWarningOfQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	for path, warning := range map[string]string{
		performanceOfADay: `level=WARN msg="nearly full" what=questions percent=80 used=4 capacity=5 when_full="further ones wait for 2 s and are then refused with 503"`,
		countOfADay:       `level=WARN msg="nearly full" what="questions of users" percent=80 used=4 capacity=5 when_full="further ones wait for 2 s and are then refused with 503"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, 5)
			for range 5 { // at once, and over in a moment
				d.ask(t.Context(), path)
			}
			time.Sleep(time.Second / 2)
			for range 5 {
				d.release <- struct{}{}
			}
			time.Sleep(time.Minute)
			for range 4 {
				d.ask(t.Context(), path)
			}
			time.Sleep(time.Second - time.Nanosecond)
			if synctest.Wait(); d.log.String() != "" {
				t.Errorf("warned of questions that take no longer than a second: %s", d.log.String())
			}
			time.Sleep(2 * time.Nanosecond)
			if synctest.Wait(); strings.Count(d.log.String(), "nearly full") != 1 || !strings.Contains(d.log.String(), warning) {
				t.Errorf("got  %s\nwant %s", d.log.String(), warning)
			}
			close(d.release)
			if synctest.Wait(); strings.Count(d.log.String(), "there is room again") != 1 {
				t.Errorf("nothing on there being room again: %s", d.log.String())
			}
		})
	}
}

func TestDefaultOfQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 0)
		for range 20 {
			d.ask(t.Context(), performanceOfADay)
		}
		if d.most != 8 {
			t.Errorf("%d questions ran at once, want 8", d.most)
		}
		close(d.release)
		synctest.Wait()
	})
}

// unfinished is a body of which the end does not come before the test lets it.
type unfinished struct {
	io.Reader
	end chan struct{}
}

func (u unfinished) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		<-u.end
	}
	return n, err
}

// All bodies that are being read share 32 MiB, but for the first 8 KiB of each.
func TestBodiesShareTheirRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1)
		end := make(chan struct{})
		large := strings.Repeat(" ", ingest.MaxBodyBytes-100)
		answers := make(chan int, 40)
		for range 40 {
			go func() {
				w := httptest.NewRecorder()
				r := httptest.NewRequest(http.MethodPost, events, unfinished{strings.NewReader(large), end})
				r.Header.Set("Content-Type", "application/json")
				d.handler.ServeHTTP(w, r)
				answers <- w.Code
			}()
		}
		synctest.Wait()
		refused := len(answers)
		if counted := d.intake.rejected[ingest.Busy]; counted != refused {
			t.Errorf("%d counted as refused, want %d", counted, refused)
		}
		for range refused {
			if code := <-answers; code != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", code)
			}
		}
		if read := 40 - refused; read != 32 {
			t.Errorf("%d bodies of 1 MiB are read at once, want 32", read)
		}
		close(end)
		synctest.Wait()
		if n := strings.Count(d.log.String(), `msg="nearly full" what="room for posted bodies"`); n != 1 {
			t.Errorf("warned %d times before the room was full, want once: %s", n, d.log.String())
		}
	})
}
