package inject_test

import (
	"bytes"
	"compress/flate"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/appmetrics/appmetrics/internal/inject"
)

const (
	script = "/metrics/tracker.js"
	tag    = `<script defer src="/metrics/tracker.js"></script>`
)

// application answers every request the same way.
type application func(*http.Request) *http.Response

func (a application) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

// answer is a response of an application.
type answer struct {
	status int // 0 is 200
	header http.Header
	body   io.Reader
	length int64 // -1 when the header does not say it
}

func header(pairs ...string) http.Header {
	h := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func (a answer) response(r *http.Request) *http.Response {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{
		StatusCode: status, Header: a.header.Clone(), Body: io.NopCloser(a.body), ContentLength: a.length, Request: r,
	}
}

// ask returns what reaches the client, and what the injector made of it, or -1
// when it was no page to it.
func ask(t testing.TB, a answer) (*http.Response, string, inject.Outcome) {
	t.Helper()
	i := inject.New(script, application(a.response))
	res := roundTrip(t, i, request(http.MethodGet))
	return res, read(t, res.Body), outcome(t, i)
}

func request(method string, pairs ...string) *http.Request {
	r, err := http.NewRequest(method, "http://shop.example/orders", http.NoBody)
	if err != nil {
		panic(err)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Add(pairs[i], pairs[i+1])
	}
	return r
}

func roundTrip(t testing.TB, i *inject.Injector, r *http.Request) *http.Response {
	t.Helper()
	res, err := i.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func read(t testing.TB, body io.ReadCloser) string {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("read page: %v, after %q", err, text)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outcome returns the one that was counted.
func outcome(t testing.TB, i *inject.Injector) inject.Outcome {
	t.Helper()
	found := inject.Outcome(-1)
	for _, o := range inject.Outcomes() {
		switch n := i.Count(o); {
		case n > 1 || (n == 1 && found >= 0):
			t.Errorf("%s was counted %d times, after %s", o, n, found)
		case n == 1:
			found = o
		}
	}
	return found
}

// known and unknown are answers whose header says, and does not say, how long
// the page is.
func known(page string, pairs ...string) answer {
	return answer{header: header(pairs...), body: strings.NewReader(page), length: int64(len(page))}
}

func unknown(page string, pairs ...string) answer {
	return answer{header: header(pairs...), body: strings.NewReader(page), length: -1}
}

// coding is one Content-Encoding.
type coding struct {
	name   string
	encode func(string) string
	decode func(string) (string, error)
}

func codings() []coding {
	writing := func(open func(io.Writer) io.WriteCloser) func(string) string {
		return func(text string) string {
			var out bytes.Buffer
			w := open(&out)
			_, _ = io.WriteString(w, text)
			_ = w.Close()
			return out.String()
		}
	}
	reading := func(open func(io.Reader) (io.Reader, error)) func(string) (string, error) {
		return func(text string) (string, error) {
			r, err := open(strings.NewReader(text))
			if err != nil {
				return "", err
			}
			out, err := io.ReadAll(r)
			return string(out), err
		}
	}
	gzipped := coding{"gzip",
		writing(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		reading(func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })}
	again := gzipped
	again.name = "X-Gzip"
	return []coding{
		{"", func(s string) string { return s }, func(s string) (string, error) { return s, nil }},
		{"identity", func(s string) string { return s }, func(s string) (string, error) { return s, nil }},
		gzipped, again,
		{"deflate",
			writing(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
			reading(func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })},
		{"zstd",
			writing(func(w io.Writer) io.WriteCloser { e, _ := zstd.NewWriter(w, zstd.WithWindowSize(1<<20)); return e }),
			reading(func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) })},
	}
}

func rawDeflate(text string) string {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 6)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

// splitReader gives the text in two reads.
type splitReader struct{ first, second string }

func (s *splitReader) Read(p []byte) (int, error) {
	if s.first == "" {
		s.first, s.second = s.second, ""
	}
	if s.first == "" {
		return 0, io.EOF
	}
	n := copy(p, s.first)
	s.first = s.first[n:]
	return n, nil
}
