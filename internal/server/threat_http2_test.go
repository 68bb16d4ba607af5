package server_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/server"
)

// frames speaks HTTP/2 frame by frame.
type frames struct {
	*line
	*http2.Framer
	block bytes.Buffer
	pack  *hpack.Encoder
}

// frames opens a connection and shakes hands, and returns the server's settings.
func (g *rig) frames(t testing.TB) (*frames, map[http2.SettingID]uint32) {
	t.Helper()
	f := preface(t, g.Addr().String())
	_ = f.SetReadDeadline(time.Now().Add(patience))
	if err := f.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if settings, ok := frame.(*http2.SettingsFrame); ok && !settings.IsAck() {
			all := make(map[http2.SettingID]uint32)
			_ = settings.ForeachSetting(func(s http2.Setting) error { all[s.ID] = s.Val; return nil })
			return f, all
		}
	}
}

// preface opens a connection and says that it speaks HTTP/2.
func preface(t testing.TB, address string) *frames {
	t.Helper()
	f := &frames{line: open(t, address, http2.ClientPreface)}
	f.Framer = http2.NewFramer(f.Conn, f.in)
	f.pack = hpack.NewEncoder(&f.block)
	return f
}

// request begins one on a stream of its own.
func (f *frames) request(stream uint32, method, path string, header ...string) error {
	f.block.Reset()
	fields := append([]string{":method", method, ":scheme", "http", ":authority", "x", ":path", path}, header...)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = f.pack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return f.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: f.block.Bytes(), EndHeaders: true, EndStream: method == http.MethodGet,
	})
}

// refusal reads until the server refuses a request, by 400 or by giving up its
// stream or the connection, and returns why.
func (f *frames) refusal() http2.ErrCode {
	f.t.Helper()
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			f.t.Fatalf("closed without a word: %v", err)
		}
		switch frame := frame.(type) {
		case *http2.GoAwayFrame:
			return frame.ErrCode
		case *http2.RSTStreamFrame:
			return frame.ErrCode
		case *http2.HeadersFrame: // the first field of an answer is its status
			fields, err := hpack.NewDecoder(4096, nil).DecodeFull(frame.HeaderBlockFragment())
			if err == nil && fields[0].Value == "400" {
				return http2.ErrCodeProtocol
			}
			f.t.Fatalf("answered %v, %v", fields, err)
		}
	}
}

func TestHTTP2SettingsAreBounds(t *testing.T) {
	t.Parallel()
	g := before(t, answers, nil)
	_, settings := g.frames(t)
	if n := settings[http2.SettingMaxConcurrentStreams]; n != 250 {
		t.Errorf("%d streams at once, want 250", n)
	}
	if n := settings[http2.SettingMaxHeaderListSize]; n < 64<<10 || n > 66<<10 {
		t.Errorf("%d bytes of header, want about 64 KiB", n)
	}
}

// A client that opens streams and cancels them (rapid reset) has no more of them
// answered at once than it may have open, loses its connection when it goes on,
// and keeps nobody else out. What was begun is recorded as cancelled.
func TestRapidReset(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	release := make(chan struct{})
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-release // and does not hear that the client has gone
		}
		answers(w, r)
	}, func(o *server.Options) {
		observe := o.Observe
		o.Observe = func(next http.Handler) http.Handler {
			observed := observe(next)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer now.Add(-1)
				for n := now.Add(1); ; {
					if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
						break
					}
				}
				observed.ServeHTTP(w, r)
			})
		}
	})
	t.Cleanup(func() { close(release) })
	f, _ := g.frames(t)
	for stream := uint32(1); stream < 4_001; stream += 2 {
		if f.request(stream, http.MethodGet, "/slow") != nil || f.WriteRSTStream(stream, http2.ErrCodeCancel) != nil {
			break // cut off
		}
	}
	g.newcomer(t)
	eventually(t, "nothing of it is left", func() bool { return server.Places(g.Server) == 0 })
	for _, sample := range g.samples.taken() {
		if sample.Endpoint == "/slow" && (sample.StatusCode != 499 || sample.ErrorType != metric.ErrorClientClosed) {
			t.Fatalf("recorded %+v", sample)
		}
	}
	if n := most.Load(); n > 251 {
		t.Errorf("%d requests were answered at once, want at most 250 and the newcomer's", n)
	}
}

// What HTTP/2 forbids never reaches the application, nor the record.
func TestHTTP2RequestsThatAreNone(t *testing.T) {
	t.Parallel()
	var app seen
	g := before(t, app.note(answers), nil)
	for name, header := range map[string][]string{
		"a coding":             {"transfer-encoding", "chunked"},
		"a connection":         {"connection", "x-forwarded-user"},
		"an upgrade":           {"upgrade", "websocket"},
		"capitals in a name":   {"X-Own", "1"},
		"a space in a name":    {"x own", "1"},
		"a line in a value":    {"x-own", "a\r\nx-forwarded-user: root"},
		"a zero byte":          {"x-own", "a\x00b"},
		"a pseudo-header late": {"x-own", "1", ":path", "/smuggled"},
		"an unknown one":       {":own", "1"},
		"two paths":            {":path", "/smuggled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := g.frames(t)
			if err := f.request(1, http.MethodPost, "/first", header...); err != nil {
				t.Fatal(err)
			}
			if code := f.refusal(); code != http2.ErrCodeProtocol {
				t.Errorf("refused with %v", code)
			}
		})
	}
	t.Cleanup(func() {
		if asked := app.all(); len(asked) > 0 {
			t.Errorf("the application was asked %q", asked)
		}
		if all := g.samples.taken(); len(all) > 0 {
			t.Errorf("recorded %+v", all)
		}
	})
}

// A length that the body does not keep is noticed: the application never sees a
// whole request, and never what is too much.
func TestHTTP2LengthThatIsNotKept(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{"too short": "12", "too long": "12345678" + smuggled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var app seen
			bodies := make(chan error, 1)
			g := before(t, app.note(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				bodies <- err
			}), nil)
			f, _ := g.frames(t)
			if err := f.request(1, http.MethodPost, "/first", "content-length", "4"); err != nil {
				t.Fatal(err)
			}
			if err := f.WriteData(1, true, []byte(sent)); err != nil {
				t.Fatal(err)
			}
			if code := f.refusal(); code == http2.ErrCodeNo {
				t.Errorf("refused with %v", code)
			}
			if asked := app.all(); slices.Contains(asked, "GET /smuggled") {
				t.Errorf("the application was asked %q", asked)
			}
			eventually(t, "recorded, if it was begun", func() bool { return server.Places(g.Server) == 0 })
			for _, sample := range g.samples.taken() {
				if sample.StatusCode < 400 {
					t.Errorf("recorded %+v", sample)
				}
			}
		})
	}
}

// Headers without end are cut off at their bound, in both protocols.
func TestHeadersWithoutEnd(t *testing.T) {
	t.Parallel()
	var app seen
	g := before(t, app.note(answers), nil)
	large := strings.Repeat("a", 80<<10)
	for name, text := range map[string]string{
		"one":  "GET / HTTP/1.1\r\nHost: x\r\nX-A: " + large,
		"many": "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-A: b\r\n", 12_000),
		"URI":  "GET /" + large,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if res, _ := g.open(t, text).answer(); res.StatusCode != http.StatusRequestHeaderFieldsTooLarge || !res.Close {
				t.Errorf("got %d", res.StatusCode)
			}
		})
	}
	t.Run("in continuations", func(t *testing.T) {
		t.Parallel()
		f, _ := g.frames(t)
		f.block.Reset()
		for _, field := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}} {
			_ = f.pack.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
		}
		err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: f.block.Bytes(), EndStream: true})
		sent := 0
		for ; err == nil && sent < 64<<20; sent += f.block.Len() {
			f.block.Reset()
			_ = f.pack.WriteField(hpack.HeaderField{Name: "x-a", Value: strings.Repeat("b", 10_000), Sensitive: true})
			err = f.WriteContinuation(1, false, f.block.Bytes())
		}
		if err == nil {
			t.Errorf("%d bytes of header were taken", sent)
		}
	})
	// What applications do use passes.
	if res, _ := g.open(t, "GET / HTTP/1.1\r\nHost: x\r\nCookie: "+large[:60<<10]+"\r\n\r\n").answer(); res.StatusCode != http.StatusOK {
		t.Errorf("60 KiB of cookies: got %d", res.StatusCode)
	}
	t.Cleanup(func() {
		if asked := app.all(); len(asked) != 1 || len(g.samples.taken()) != 1 {
			t.Errorf("the application was asked %d times, and %d were recorded", len(asked), len(g.samples.taken()))
		}
	})
}
