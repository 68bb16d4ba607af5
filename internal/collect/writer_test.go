package collect_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestWriterOffersWhatTheServerHas(t *testing.T) {
	t.Parallel()
	describe := func(w http.ResponseWriter) string {
		var has []string
		if _, ok := w.(http.Flusher); ok {
			has = append(has, "Flusher")
		}
		if _, ok := w.(http.Hijacker); ok {
			has = append(has, "Hijacker")
		}
		if _, ok := w.(io.ReaderFrom); ok {
			has = append(has, "ReaderFrom")
		}
		if _, ok := w.(http.Pusher); ok {
			has = append(has, "Pusher")
		}
		return strings.Join(has, " ")
	}
	each(t, func(t *testing.T, protocol string) {
		var bare, wrapped string
		inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			wrapped = describe(w)
			c := http.NewResponseController(w)
			if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Errorf("SetReadDeadline: %v", err)
			}
			if err := c.EnableFullDuplex(); err != nil {
				t.Errorf("EnableFullDuplex: %v", err)
			}
		})
		middleware := collect.New(collect.Options{Recorder: make(samples, 1)}).Middleware(inner)
		f := serve(t, protocol, collect.Options{Exclude: []string{"/"}}, func(w http.ResponseWriter, r *http.Request) {
			bare = describe(w)
			middleware.ServeHTTP(w, r)
		})
		get(t, f, "/a")
		if bare != wrapped || bare == "" {
			t.Errorf("the server's writer is %q, ours %q", bare, wrapped)
		}
	})
	var plain string
	collect.New(collect.Options{Recorder: make(samples, 1)}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		plain = describe(w)
	})).ServeHTTP(bareWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/a", nil))
	if plain != "" {
		t.Errorf("around a bare writer ours claims %q", plain)
	}
}

// bareWriter has no optional interface.
type bareWriter struct{ w http.ResponseWriter }

func (b bareWriter) Header() http.Header         { return b.w.Header() }
func (b bareWriter) Write(p []byte) (int, error) { return b.w.Write(p) }
func (b bareWriter) WriteHeader(status int)      { b.w.WriteHeader(status) }

func TestFilesAndTrailersPass(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(file, bytes.Repeat([]byte("0123456789"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, protocol string) {
		f := serve(t, protocol, collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/file" {
				http.ServeFile(w, r, file)
				return
			}
			h := w.Header() // kept, as some handlers do
			h.Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, "body")
			h.Set("X-Sum", "4")
			h.Set(http.TrailerPrefix+"X-More", "5")
		})
		resp, body := get(t, f, "/file")
		if len(body) != 1_000_000 || resp.ContentLength != 1_000_000 {
			t.Errorf("file of %d bytes, Content-Length %d", len(body), resp.ContentLength)
		}
		f.samples.one(t)
		resp, _ = get(t, f, "/trailer")
		if resp.Trailer.Get("X-Sum") != "4" || resp.Trailer.Get("X-More") != "5" {
			t.Errorf("trailers %v", resp.Trailer)
		}
		f.samples.one(t)
	})
}

func TestHijackedConnectionIsRecordedAtOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	f := serve(t, "HTTP/1.1", collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nX-Request-Id: %s\r\n\r\n", w.Header().Get("X-Request-Id"))
		<-release
		panic(http.ErrAbortHandler)
	})
	conn, err := net.Dial("tcp", f.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /socket HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatal(resp, err)
	}
	if s := f.samples.one(t); s.StatusCode != 101 || s.CorrelationID != resp.Header.Get("X-Request-Id") {
		t.Errorf("recorded %+v", s)
	}
	close(release)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("end of the connection: %v", err)
	}
	if len(f.samples) != 0 {
		t.Error("a second sample")
	}
}

// torn is a ResponseWriter whose client takes nothing any more, which the context
// of the request does not say yet.
type torn struct {
	http.ResponseWriter
	err error
}

func (t torn) Write([]byte) (int, error) { return 0, t.err }

// A proxy gives up when nobody takes what it copies. That is no fault of the
// application, however late the context ends; too long a response is.
func TestResponsesThatNobodyTakes(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{syscall.EPIPE: 499, os.ErrDeadlineExceeded: 499, http.ErrContentLength: 502} {
		recorded := make(chan metric.Request, 1)
		handler := collect.New(collect.Options{Recorder: recorderFunc(func(r metric.Request) { recorded <- r })}).
			Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if _, err := io.WriteString(w, "part"); err != nil {
					panic(http.ErrAbortHandler)
				}
			}))
		func() {
			defer func() { _ = recover() }() // as net/http does
			handler.ServeHTTP(torn{httptest.NewRecorder(), err}, httptest.NewRequest(http.MethodGet, "/a", http.NoBody))
		}()
		if got := <-recorded; got.StatusCode != want {
			t.Errorf("%v: recorded %d %s, want %d", err, got.StatusCode, got.ErrorType, want)
		}
	}
}
