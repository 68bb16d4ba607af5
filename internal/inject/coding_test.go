package inject_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// longPage has no two parts alike, so that it stays long when compressed.
func longPage(bytes int) (page, want string) {
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for text.Len() < bytes {
		fmt.Fprintf(&text, "<li>%x</li>\n", random.Uint64())
	}
	const head = "<!doctype html><html><head><title>x</title>"
	rest := "</head><body><ul>" + text.String() + "</ul></body></html>"
	return head + rest, head + tag + rest
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	long, wantLong := longPage(300 << 10)
	for _, c := range codings() {
		t.Run("as "+c.name, func(t *testing.T) {
			t.Parallel()
			for name, page := range map[string][2]string{"short": {plainPage, taggedPage}, "long": {long, wantLong}} {
				text := c.encode(page[0])
				for how, a := range map[string]answer{
					"known":        {body: strings.NewReader(text), length: int64(len(text))},
					"unknown":      {body: strings.NewReader(text), length: -1},
					"byte by byte": {body: iotest.OneByteReader(strings.NewReader(text)), length: -1},
				} {
					a.header = header("Content-Encoding", c.name)
					res, got, outcome := ask(t, a)
					plain, err := c.decode(got)
					if err != nil || plain != page[1] || outcome != inject.Injected {
						t.Errorf("%s, %s: got %d bytes, %v, %s; want %d", name, how, len(plain), err, outcome, len(page[1]))
					}
					if res.ContentLength >= 0 && res.ContentLength != int64(len(got)) {
						t.Errorf("%s, %s: got length %d of %d bytes", name, how, res.ContentLength, len(got))
					}
					if res.Header.Get("Content-Encoding") != c.name {
						t.Errorf("%s, %s: got encoding %q", name, how, res.Header.Get("Content-Encoding"))
					}
				}
			}
		})
	}
}

// What is left alone keeps its very bytes.
func TestEncodedAndLeftAlone(t *testing.T) {
	t.Parallel()
	long, _ := longPage(300 << 10)
	fragment := strings.TrimPrefix(long, "<!doctype html><html><head>")
	const malformed = "\x1f\x8b\x08 not gzip, \x28\xb5\x2f\xfd not zstd, \x78\x9c not zlib"
	for _, c := range codings()[2:] {
		t.Run("as "+c.name, func(t *testing.T) {
			t.Parallel()
			for name, test := range map[string]struct {
				text string
				want inject.Outcome
			}{
				"fragment": {c.encode(fragment), inject.Fragment},
				"present":  {c.encode("<!doctype html><head>" + tag + "</head>"), inject.Present},
				"empty":    {c.encode(""), inject.Fragment},
				"no bytes": {"", inject.Malformed},
				"plain":    {plainPage, inject.Malformed},
				"magic":    {malformed, inject.Malformed},
				"zeros":    {strings.Repeat("\x00", 1000), inject.Malformed},
				"raw":      {rawDeflate(plainPage), inject.Malformed},
				"cut":      {c.encode(plainPage)[:11], inject.Malformed},
			} {
				for _, a := range []answer{known(test.text, "Content-Encoding", c.name), unknown(test.text, "Content-Encoding", c.name)} {
					if name == "present" && a.length < 0 {
						continue // it was a document before it was seen
					}
					_, got, outcome := ask(t, a)
					want := test.want
					if a.length == 0 {
						want = -1
					}
					if got != test.text || (outcome != want && outcome != inject.Fragment) {
						t.Errorf("%s, %d: got %q, %d; want %q, %d", name, a.length, got, outcome, test.text, want)
					}
				}
			}
		})
	}
}

// Empty members yield nothing to look at: what is kept meanwhile is bounded.
func TestEncodedNothing(t *testing.T) {
	t.Parallel()
	gzipped := codings()[2]
	text := strings.Repeat(gzipped.encode(""), 100_000) + gzipped.encode(plainPage)
	if _, got, outcome := ask(t, unknown(text, "Content-Encoding", "gzip")); got != text || outcome != inject.Malformed {
		t.Errorf("got %d of %d bytes, %s", len(got), len(text), outcome)
	}
}

// Browsers show what came before the end, and so must what is passed on.
func TestEncodedContentThatEndsOddly(t *testing.T) {
	t.Parallel()
	long, want := longPage(100 << 10)
	gzipped := codings()[2]
	text := gzipped.encode(long)
	for name, odd := range map[string]string{
		"without its end": text[:len(text)-8],
		"with more":       text + "this is no second member",
		"with a bit more": text + "\n",
		"with zeros":      text + strings.Repeat("\x00", 600),
	} {
		_, got, _ := ask(t, known(odd, "Content-Encoding", "gzip"))
		if plain, err := gzipped.decode(got); err != nil || plain != want {
			t.Errorf("%s: got %d of %d bytes, %v", name, len(plain), len(want), err)
		}
	}
}

// A connection that breaks must not look like the end of the page.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	long, want := longPage(100 << 10)
	for _, c := range codings() {
		text := c.encode(long)
		var a answer
		i := inject.New(script, application(func(r *http.Request) *http.Response { return a.response(r) })) //nolint:gocritic // a changes
		for _, length := range []int64{int64(len(text)), -1} {
			for _, n := range []int{0, 5, 30, len(text) / 2, len(text)} {
				a = answer{
					header: header("Content-Encoding", c.name), length: length,
					body: io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(broken)),
				}
				res := roundTrip(t, i, request(http.MethodGet))
				got, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if !errors.Is(err, broken) {
					t.Errorf("%q, %d bytes of %d: got %d bytes, %v", c.name, n, length, len(got), err)
				}
				if c.name == "" && !strings.HasPrefix(want, string(got)) && !strings.HasPrefix(long, string(got)) {
					t.Errorf("%d bytes of %d: got %q", n, length, got)
				}
			}
		}
	}
}

func TestReadAfterClose(t *testing.T) {
	t.Parallel()
	for _, c := range codings() {
		i := inject.New(script, application(unknown(c.encode(plainPage), "Content-Encoding", c.name).response))
		for range 3 { // what is used again must be as new
			res := roundTrip(t, i, request("GET"))
			_, _ = res.Body.Read(make([]byte, 1))
			_ = res.Body.Close()
			_ = res.Body.Close()
			if n, err := res.Body.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%q: got %d, %v", c.name, n, err)
			}
		}
	}
}
