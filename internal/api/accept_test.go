package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// silent is an Intake that never says what became of a post.
type silent struct{ broken }

func (silent) Accept(ctx context.Context, _ metric.Batch) error {
	<-ctx.Done()
	return ctx.Err()
}

// A sender hears within 10 s that the database or the disk says nothing.
func TestPostsDoNotWaitForEver(t *testing.T) {
	t.Parallel()
	for path, body := range map[string]string{events: oneEvent, requests: oneRequest} {
		synctest.Test(t, func(t *testing.T) {
			handler, err := api.New(api.Options{Source: broken{}, Intake: silent{}, Now: clock})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
			w := httptest.NewRecorder()
			began := time.Now()
			handler.ServeHTTP(w, r)
			var told fault
			if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if took := time.Since(began); took != 10*time.Second || w.Code != http.StatusServiceUnavailable ||
				w.Header().Get("Retry-After") != "30" || told.Message != "Data temporarily unavailable" {
				t.Errorf("%s: got %d %v %+v after %v", path, w.Code, w.Header(), told, took)
			}
		})
	}
}

// endless is a sink that hangs until nobody wants to know any more.
type endless struct{ asked chan struct{} }

func (e endless) Append(ctx context.Context, _ metric.Batch, _ metric.Position) error {
	close(e.asked)
	<-ctx.Done()
	return ctx.Err()
}

func (endless) Position(context.Context, uuid.UUID) (int64, error) { return 0, nil }
func (endless) Forget(context.Context, ...uuid.UUID) error         { return nil }

// A post that the stopping server cuts off may be stored: its sender hears that
// it may come again, and the log does not speak of a fault.
func TestPostsThatTheEndCutsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sink := endless{make(chan struct{})}
		queue := ingest.New(ingest.Options{Sink: sink, Ack: ingest.AckDB})
		queue.Start(t.Context())
		var log bytes.Buffer
		handler, err := api.New(api.Options{
			Source: broken{}, Intake: queue, Now: clock, Logger: slog.New(slog.NewJSONHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancelCause(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, events, strings.NewReader(oneEvent))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
		w := httptest.NewRecorder()
		go func() {
			<-sink.asked
			stop(errors.New("the server stops"))
		}()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
		}
		if got := log.String(); !strings.Contains(got, `"level":"WARN"`) || !strings.Contains(got, "the server stops") || strings.Contains(got, "ERROR") {
			t.Errorf("log: %s", got)
		}
		ended, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = queue.Stop(ended) // the sink has taken nothing
	})
}

// Whoever does not hear what became of a request hears nothing: a client that
// has closed its own side alone still reads, and would take 200 for success.
func TestWhoLeavesHearsNoSuccess(t *testing.T) {
	t.Parallel()
	handler, err := api.New(api.Options{Source: &heavy{}, Intake: silent{}, Checker: says{identity: admin.Identity{UserID: "ada", Admin: true}}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	for name, request := range map[string]string{
		"post":     fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", events, len(oneEvent), oneEvent),
		"question": "GET " + performanceOfADay + " HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(conn); err != nil || len(answer) > 0 {
			t.Errorf("%s: got %q and error %v, want the end", name, answer, err)
		}
		_ = conn.Close()
	}
}

// A question that is cut off because the server stops is worth another try.
func TestQuestionsCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, 1)
		ctx, stop := context.WithCancelCause(t.Context())
		answer := d.ask(ctx, performanceOfADay)
		stop(errors.New("the server stops"))
		if w := <-answer; w == nil || w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" {
			t.Errorf("got %+v", w)
		}
	})
}
