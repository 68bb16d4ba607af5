package server_test

import (
	"bytes"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// What a client may take its time with has an end; what an application does
// (uploads, downloads, streams) has none.
func TestTimesOfTheServer(t *testing.T) {
	t.Parallel()
	s := server.NewHTTPServer(http.NotFoundHandler())
	for name, test := range map[string]struct{ got, want time.Duration }{
		"a header":                {s.ReadHeaderTimeout, 5 * time.Second},
		"silence":                 {s.IdleTimeout, time.Minute},
		"taking nothing (HTTP/2)": {s.HTTP2.WriteByteTimeout, time.Minute},
		"a body":                  {s.ReadTimeout, 0},
		"an answer":               {s.WriteTimeout, 0},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %v, want %v", name, test.got, test.want)
		}
	}
}

// A client of HTTP/2 that takes nothing of what it asked for loses its
// connection. The time is shortened; TestTimesOfTheServer has the real one.
func TestHTTP2ClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	s := server.NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := bytes.Repeat([]byte("a"), 1<<20)
		for {
			if _, err := w.Write(piece); err != nil {
				written <- err
				return
			}
		}
	}))
	s.HTTP2.WriteByteTimeout = 100 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })

	f := preface(t, l.Addr().String())
	if err := f.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	const all = 1<<31 - 1
	if err := f.WriteWindowUpdate(0, all-65_535); err != nil {
		t.Fatal(err)
	}
	if err := f.request(1, http.MethodGet, "/"); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteWindowUpdate(1, all-65_535); err != nil {
		t.Fatal(err)
	}
	within(t, "the end of a download that nobody takes", written)
}
