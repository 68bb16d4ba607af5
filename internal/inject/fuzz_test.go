package inject_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/net/html"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// FuzzPage says that a page comes out as it went in but for exactly one tag,
// that this does not depend on how it arrives, and that a browser builds the
// same document from it.
func FuzzPage(f *testing.F) {
	for _, place := range places() {
		f.Add(strings.ReplaceAll(place.page, "§", ""), 7)
	}
	f.Fuzz(func(t *testing.T, page string, split int) {
		_, got, outcome := ask(t, known(page))
		if outcome != inject.Injected {
			if got != page {
				t.Fatalf("%d: got %q, want %q", outcome, got, page)
			}
		} else {
			once(t, page, got)
		}
		if split %= len(page) + 1; split < 0 {
			split = -split
		}
		for name, body := range map[string]io.Reader{
			"byte by byte": iotest.OneByteReader(strings.NewReader(page)),
			"split":        &splitReader{page[:split], page[split:]},
		} {
			a := unknown(page)
			a.body = body
			if _, again, o := ask(t, a); again != got || (o != outcome && page != "") {
				t.Fatalf("%s: got %q, %d; want %q, %d", name, again, o, got, outcome)
			}
		}
	})
}

func once(t *testing.T, page, got string) {
	t.Helper()
	n := 0
	for n < len(page) && n < len(got) && page[n] == got[n] {
		n++
	}
	// The page may have in common with the tag what it begins with.
	for ; n >= 0; n-- {
		after, found := strings.CutPrefix(got[n:], "<script defer src=\"/metrics/tracker.js\"")
		if !found {
			continue
		}
		if _, after, found = strings.Cut(after, "></script>"); found && after == page[n:] {
			if _, err := html.Parse(strings.NewReader(page)); err == nil && !strings.ContainsAny(page, "\x00\r") {
				sameDocument(t, page, got)
			}
			return
		}
	}
	t.Fatalf("got %q from %q", got, page)
}

// FuzzEncoded says that whatever an application calls compressed comes out
// either as it is, or as what it means with the tag in it.
func FuzzEncoded(f *testing.F) {
	all := codings()
	for n, c := range all {
		f.Add([]byte(c.encode(plainPage)), n, 9)
		for _, place := range places() {
			f.Add([]byte(c.encode(strings.ReplaceAll(place.page, "§", ""))), n, 9)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, n, split int) {
		c := all[uint(n)%uint(len(all))]
		split = int(uint(split) % uint(len(text)+1))
		for _, length := range []int64{int64(len(text)), -1} {
			a := answer{header: header("Content-Encoding", c.name), length: length,
				body: &splitReader{string(text[:split]), string(text[split:])}}
			i := inject.New(script, application(a.response))
			res := roundTrip(t, i, request("GET"))
			got, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || string(got) == string(text) {
				continue
			}
			plain, err := c.decode(string(got))
			if err != nil {
				t.Fatalf("%s: cannot be decoded any more: %v", c.name, err)
			}
			page, err := c.decode(string(text))
			switch injected := i.Count(inject.Injected) == 1; {
			case err != nil: // it ends too early, or goes on behind its end: browsers may differ
			case injected:
				once(t, page, plain)
			case plain != page:
				t.Fatalf("%s: got %q, want %q", c.name, plain, page)
			}
		}
	})
}
