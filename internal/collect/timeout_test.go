package collect_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestTimeoutAnswersWhileTheHandlerRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, protocol string) {
		release := make(chan struct{})
		late := make(chan error, 1)
		f := serve(t, protocol, collect.Options{Timeout: 30 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			<-release
			w.Header().Set("X-Late", "1")
			w.WriteHeader(200)
			_, err := io.WriteString(w, "late")
			late <- err
		})
		resp, err := f.Client().Get(f.URL + "/slow/17")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		line, _ := bufio.NewReader(resp.Body).ReadString('\n') // whole, while the handler runs
		if resp.StatusCode != 504 || line != "Gateway Timeout\n" || resp.Header.Get("X-Late") != "" {
			t.Errorf("answered %d %q", resp.StatusCode, line)
		}
		s := f.samples.one(t)
		if s.StatusCode != 504 || s.ErrorType != metric.ErrorTimeout || s.Endpoint != "/slow/{id}" || s.ResponseTimeMS < 30 {
			t.Errorf("recorded %+v", s)
		}
		close(release)
		if err := <-late; !errors.Is(err, http.ErrHandlerTimeout) {
			t.Errorf("late write: %v, want ErrHandlerTimeout", err)
		}
		if !strings.Contains(f.log.String(), s.CorrelationID) {
			t.Error("the timeout is not logged")
		}
	})
}

func TestTimeoutFreesAHandlerStuckInTheBody(t *testing.T) {
	t.Parallel()
	stuck := make(chan error, 1)
	f := serve(t, "HTTP/1.1", collect.Options{Timeout: 30 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		stuck <- err
	})
	conn, err := net.Dial("tcp", f.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != 504 {
		t.Fatalf("answered %v, %v", resp, err)
	}
	if err := <-stuck; err == nil {
		t.Error("the read went on")
	}
	if s := f.samples.one(t); s.StatusCode != 504 {
		t.Errorf("recorded %+v", s)
	}
}

func TestUploadLongerThanTheTimeoutSurvives(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, serve serveFunc) {
		f := serve(collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil || n != 12 {
				t.Errorf("read %d, %v", n, err)
			}
			w.WriteHeader(201)
		})
		r, w := io.Pipe()
		go func() {
			for range 12 {
				time.Sleep(59 * time.Second)
				_, _ = w.Write([]byte("x"))
			}
			_ = w.Close()
		}()
		resp, err := f.Client().Post(f.URL+"/upload", "text/plain", r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if s := f.samples.one(t); s.StatusCode != 201 || s.ResponseTimeMS != 12*59_000 {
			t.Errorf("recorded %d after %v ms", s.StatusCode, s.ResponseTimeMS)
		}
	})
}

func TestStreamsAreNeverCutAndRecordedAtTheHeader(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, serve serveFunc) {
		release := make(chan struct{})
		f := serve(collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			_, _ = io.WriteString(w, "data: 1\n\n")
			w.(http.Flusher).Flush()
			<-release
			if err := r.Context().Err(); err != nil {
				t.Errorf("the stream's context ended: %v", err)
			}
			_, _ = io.WriteString(w, "data: 2\n\n")
		})
		resp, err := f.Client().Get(f.URL + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		s := f.samples.one(t) // while it runs
		time.Sleep(time.Hour)
		close(release)
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "data: 1\n\ndata: 2\n\n" {
			t.Errorf("stream %q, %v", body, err)
		}
		if s.StatusCode != 200 || len(f.samples) != 0 {
			t.Errorf("recorded %+v and %d more", s, len(f.samples))
		}
	})
}
