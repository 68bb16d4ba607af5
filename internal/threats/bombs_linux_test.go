package threats

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// zipBomb is gzip of 10 MB that inflates to 10 GB.
func zipBomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	const header, times = 10, 1000
	return append(b.Bytes()[:header:header], bytes.Repeat(b.Bytes()[header:], times)...)
}

// Bodies that are made to be expensive are refused by what they would take, many
// at once, and the program's memory stays where it was.
func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		atOnce = 6
		most   = 160 << 20 // of growth, for all at once, and the race detector doubles it
	)
	s := install(t, "sqlite").serve()
	zipped := zipBomb(t)
	deep := func(open string) string { return strings.Repeat(open, 1_000_000/len(open)) }
	cases := map[string]struct {
		body   string
		gzip   bool
		status int
	}{
		"10 GB":            {string(zipped), true, http.StatusRequestEntityTooLarge},
		"2 MiB":            {strings.Repeat(" ", 2<<20), false, http.StatusRequestEntityTooLarge},
		"nested arrays":    {`{"events":` + deep("["), false, http.StatusBadRequest},
		"nested objects":   {`{"events":[{"metadata":` + strings.Repeat(`{"a":`, 150_000), false, http.StatusBadRequest},
		"tiny samples":     {`{"events":[` + strings.Repeat("0,", 500_000) + `0]}`, false, http.StatusRequestEntityTooLarge},
		"tiny objects":     {`{"events":[` + strings.Repeat("{},", 300_000) + `{}]}`, false, http.StatusRequestEntityTooLarge},
		"a name twice":     {`{"events":[],"events":[]}`, false, http.StatusBadRequest},
		"no UTF-8":         {"{\"events\":[\"\xff\"]}", false, http.StatusBadRequest},
		"no gzip":          {"PK\x03\x04", true, http.StatusBadRequest},
		"metadata 9 KiB":   {event("metadata", map[string]string{"a": strings.Repeat("x", 9<<10)}), false, http.StatusBadRequest},
		"metadata 33 deep": {event("metadata", nestedObject(33)), false, http.StatusBadRequest},
	}
	before, _ := s.memory()
	for name, c := range cases {
		header := []string{"Content-Type", "application/json"}
		if c.gzip {
			header = append(header, "Content-Encoding", "gzip")
		}
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				got, err := s.try(http.MethodPost, usageEvents, strings.NewReader(c.body), header...)
				if err != nil {
					return // refused while it was still being sent
				}
				if got.status != c.status && got.status != http.StatusServiceUnavailable {
					t.Errorf("%s: got %d %.200s, want %d", name, got.status, got.body, c.status)
				}
			})
		}
		all.Wait()
	}
	if _, held := s.memory(); held-before > most {
		t.Errorf("the program grew from %d to %d MiB", before>>20, held>>20)
	}
	s.post(usageEvents, event("page_name", "/good")).must(t, http.StatusAccepted)
	s.stop()
	if got := s.column("SELECT page_name FROM usage_events"); len(got) != 1 {
		t.Errorf("stored %q", got)
	}
}

func nestedObject(levels int) any {
	var inside any = 1
	for range levels {
		inside = map[string]any{"a": inside}
	}
	return inside
}

// Senders that never finish their bodies hold neither others up nor much memory.
func TestUnfinishedBodiesHoldNobodyUp(t *testing.T) {
	t.Parallel()
	const senders, each, most = 300, 64 << 10, 160 << 20
	s := install(t, "sqlite").serve()
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := s.memory()
	for range senders {
		conn, err := net.Dial("tcp", address.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"events\":[%s",
			usageEvents, address.Host, 1<<20, strings.Repeat(" ", each)); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		s.ask(http.MethodGet, "/ping", nil).must(t, http.StatusOK)
		s.post(usageEvents, event()).must(t, http.StatusAccepted)
	}
	if _, held := s.memory(); held-before > most {
		t.Errorf("the program grew from %d to %d MiB", before>>20, held>>20)
	}
}
