package inject_test

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// What the application flushes arrives before it writes more, and whole.
func TestStreamsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	type flusher interface {
		io.WriteCloser
		Flush() error
	}
	for name, open := range map[string]struct {
		write func(io.Writer) flusher
		read  func(io.Reader) io.Reader
	}{
		"":        {func(w io.Writer) flusher { return unbuffered{w} }, func(r io.Reader) io.Reader { return r }},
		"gzip":    {func(w io.Writer) flusher { return gzip.NewWriter(w) }, func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z }},
		"deflate": {func(w io.Writer) flusher { return zlib.NewWriter(w) }, func(r io.Reader) io.Reader { z, _ := zlib.NewReader(r); return z }},
		"zstd": {func(w io.Writer) flusher { z, _ := zstd.NewWriter(w); return z },
			func(r io.Reader) io.Reader { z, _ := zstd.NewReader(r, zstd.WithDecoderConcurrency(1)); return z }},
	} {
		t.Run("as "+name, func(t *testing.T) {
			t.Parallel()
			source, upstream := io.Pipe()
			a := answer{header: header("Content-Encoding", name), body: source, length: -1}
			i := inject.New(script, application(a.response))
			res := roundTrip(t, i, request("GET")) // nothing is written yet
			parts := []struct{ written, received string }{
				{"<!doctype html><html><head>", "<!doctype html><html><head>"},
				{"<link href=/a>", "<link href=/a>"},
				{"</head><body>shell", tag + "</head><body>shell"},
				{"<p>late", "<p>late"},
			}
			turn := make(chan struct{})
			go func() {
				w := open.write(upstream)
				for _, part := range parts {
					_, _ = io.WriteString(w, part.written)
					_ = w.Flush()
					<-turn
				}
				_ = w.Close()
				_ = upstream.Close()
			}()
			body := open.read(res.Body)
			for _, part := range parts {
				got := make([]byte, len(part.received))
				if _, err := io.ReadFull(body, got); err != nil || string(got) != part.received {
					t.Fatalf("got %q, %v; want %q", got, err, part.received)
				}
				turn <- struct{}{}
			}
			if rest, err := io.ReadAll(body); len(rest) > 0 || err != nil {
				t.Errorf("got %q, %v at the end", rest, err)
			}
		})
	}
}

type unbuffered struct{ io.Writer }

func (unbuffered) Flush() error { return nil }
func (unbuffered) Close() error { return nil }

// Not parallel: it looks at the memory of the whole process.
func TestMemoryIsBounded(t *testing.T) {
	const size = 12 << 20
	for _, c := range codings() {
		if c.name == "identity" || c.name == "X-Gzip" {
			continue
		}
		for name, start := range map[string]string{
			"page":         plainPage,
			"endless tag":  "<!doctype html><head><meta content='",
			"endless text": "<!doctype html><head><script>",
			"no page":      "<!-- ",
		} {
			text := c.encode(start + strings.Repeat("lorem ipsum dolor ", size/18))
			runtime.GC()
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			before, peak := stats.HeapAlloc, uint64(0)
			a := unknown(text, "Content-Encoding", c.name)
			i := inject.New(script, application(a.response))
			res := roundTrip(t, i, request("GET"))
			buffer := make([]byte, 32<<10)
			for n := 0; ; n++ {
				_, err := res.Body.Read(buffer)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if n%50 == 0 {
					runtime.GC() // what is left is what is held
					runtime.ReadMemStats(&stats)
					peak = max(peak, stats.HeapAlloc)
				}
			}
			_ = res.Body.Close()
			most := int64(2 << 20)
			if c.name == "zstd" {
				most += 2 << 20 // the application's looks back 1 MiB
			}
			if grown := int64(peak) - int64(before); grown > most {
				t.Errorf("%q, %s: the heap grew by %d KiB", c.name, name, grown>>10)
			}
		}
	}
}
