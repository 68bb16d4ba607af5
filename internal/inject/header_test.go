package inject_test

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/inject"
)

const (
	plainPage  = "<!doctype html><html><head><title>x</title></head><body>hello</body></html>"
	taggedPage = "<!doctype html><html><head><title>x</title>" + tag + "</head><body>hello</body></html>"
)

// What is no page, or not ours to change, passes with its header as it is.
func TestResponsesThatPass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header []string // a name without a value is taken away
		want   inject.Outcome
	}{
		"not found":          {status: 404, want: -1},
		"failure":            {status: 500, want: -1},
		"moved":              {status: 302, want: -1},
		"part":               {status: 206, header: []string{"Content-Range", "bytes 0-9/100"}, want: -1},
		"reset":              {status: 205, want: -1},
		"text":               {header: []string{"Content-Type", "text/plain"}, want: -1},
		"XHTML":              {header: []string{"Content-Type", "application/xhtml+xml"}, want: -1},
		"events":             {header: []string{"Content-Type", "text/event-stream"}, want: -1},
		"no type":            {header: []string{"Content-Type", ""}, want: -1},
		"bad type":           {header: []string{"Content-Type", "text/html; charset"}, want: -1},
		"download":           {header: []string{"Content-Disposition", `Attachment; filename="a.html"`}, want: -1},
		"UTF-16":             {header: []string{"Content-Type", "text/html; charset=UTF-16LE"}, want: inject.Charset},
		"UTF-7":              {header: []string{"Content-Type", "text/html; charset=utf-7"}, want: inject.Charset},
		"ISO-2022":           {header: []string{"Content-Type", "text/html; charset=ISO-2022-JP"}, want: inject.Charset},
		"no-transform":       {header: []string{"Cache-Control", "public, No-Transform"}, want: inject.NoTransform},
		"digest":             {header: []string{"Repr-Digest", "sha-256=:AAAA:"}, want: inject.NoTransform},
		"brotli":             {header: []string{"Content-Encoding", "br"}, want: inject.Encoding},
		"twice encoded":      {header: []string{"Content-Encoding", "gzip, gzip"}, want: inject.Encoding},
		"not gzip after all": {header: []string{"Content-Encoding", "gzip"}, want: inject.Malformed},
		"policy":             {header: []string{"Content-Security-Policy", "default-src 'none'"}, want: inject.Policy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, a := range []answer{known(plainPage), unknown(plainPage)} {
				a.status = test.status
				a.header.Set("Etag", `"1"`)
				a.header.Set("Accept-Ranges", "bytes")
				for i := 0; i < len(test.header); i += 2 {
					a.header.Set(test.header[i], test.header[i+1])
				}
				if a.header.Get("Content-Type") == "" {
					a.header.Del("Content-Type")
				}
				res, got, outcome := ask(t, a)
				if got != plainPage || outcome != test.want {
					t.Errorf("got %q, %d; want %d", got, outcome, test.want)
				}
				if test.want == inject.Malformed && a.length < 0 {
					continue // the header went out before that could be known
				}
				if !reflect.DeepEqual(res.Header, a.header) || res.ContentLength != a.length {
					t.Errorf("got %d %v\nwant %d %v", res.ContentLength, res.Header, a.length, a.header)
				}
			}
		})
	}
}

func TestPagesThatDoNotPass(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"no charset":  known(plainPage, "X", "y"),
		"created":     {status: 201, header: header(), body: strings.NewReader(plainPage), length: -1},
		"inline":      known(plainPage, "Content-Disposition", "inline"),
		"cacheable":   known(plainPage, "Cache-Control", "public, max-age=60"),
		"Latin":       {header: http.Header{"Content-Type": {"TEXT/HTML; charset=iso-8859-1"}}, body: strings.NewReader(plainPage), length: -1},
		"Shift JIS":   {header: http.Header{"Content-Type": {`text/html;charset="Shift_JIS"`}}, body: strings.NewReader(plainPage), length: -1},
		"bare header": {header: http.Header{"Content-Type": {"text/html"}}, body: strings.NewReader(plainPage), length: -1},
	} {
		if _, got, outcome := ask(t, a); got != taggedPage || outcome != inject.Injected {
			t.Errorf("%s: got %q, %s", name, got, outcome)
		}
	}
}

func TestHeaderOfAPage(t *testing.T) {
	t.Parallel()
	pairs := []string{"Etag", `"v1"`, "Accept-Ranges", "bytes", "Vary", "Accept-Encoding", "Last-Modified", "Mon"}
	res, _, _ := ask(t, known(plainPage, append(pairs, "Content-Length", "75")...))
	if want := int64(len(taggedPage)); res.ContentLength != want || res.Header.Get("Content-Length") != "124" {
		t.Errorf("got length %d, %q; want %d", res.ContentLength, res.Header.Get("Content-Length"), want)
	}
	mark := strings.TrimSuffix(strings.TrimPrefix(res.Header.Get("Etag"), `"v1`), `"`)
	if !strings.HasPrefix(mark, "-am") || len(mark) != 11 {
		t.Errorf("got entity tag %q", res.Header.Get("Etag"))
	}
	// A browser that asked for the rest of a page by its date would get that of another one.
	if res.Header.Get("Accept-Ranges") != "none" || res.Header.Get("Vary") != "Accept-Encoding" || res.Header.Get("Last-Modified") != "Mon" {
		t.Errorf("got %v", res.Header)
	}

	res, _, _ = ask(t, unknown(plainPage, pairs...))
	if got := res.Header.Get("Etag"); got != `"v1`+mark+`"` || res.ContentLength != -1 {
		t.Errorf("of unknown length: got %q, %d", got, res.ContentLength)
	}

	gzipped := codings()[2].encode(plainPage)
	for _, tag := range []string{`"v1"`, `W/"v1"`} {
		res, _, _ = ask(t, known(gzipped, "Content-Encoding", "gzip", "Etag", tag, "Content-Length", "99"))
		if got, length := res.Header.Get("Etag"), res.Header.Get("Content-Length"); got != `W/"v1`+mark+`"` || length != "" || res.ContentLength != -1 {
			t.Errorf("compressed: got %q, length %q", got, length)
		}
	}
	res, _, _ = ask(t, known(plainPage, "Etag", "v1"))
	if got := res.Header.Get("Etag"); got != "v1" {
		t.Errorf("what is no entity tag became %q", got)
	}
}

// A browser asks for a page that it has: by the tag that it got, and the
// application understands.
func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	var seen http.Header
	i := inject.New(script, application(func(r *http.Request) *http.Response {
		seen = r.Header
		if m := r.Header.Get("If-None-Match"); m != "" {
			return answer{status: 304, header: http.Header{"Etag": {`"v1"`}}, body: http.NoBody}.response(r)
		}
		return known(plainPage, "Etag", `"v1"`).response(r)
	}))
	first := roundTrip(t, i, request(http.MethodGet))
	read(t, first.Body)
	marked := first.Header.Get("Etag")

	for name, test := range map[string]struct{ sent, reached, answered string }{
		"ours":          {marked, `"v1"`, marked},
		"ours, weak":    {"W/" + marked, `W/"v1"`, "W/" + marked},
		"among others":  {`"v0", ` + marked + `, W/"v2"`, `"v0", "v1", W/"v2"`, marked},
		"another's":     {`"v1"`, `"v1"`, `"v1"`},
		"of old":        {`"v1-am00000000"`, `"v1-am00000000"`, `"v1"`},
		"anything":      {"*", "*", `"v1"`},
		"of other file": {strings.Replace(marked, "v1", "v9", 1), `"v9"`, `"v1"`},
	} {
		r := request(http.MethodGet, "If-None-Match", test.sent, "If-Match", test.sent, "If-Range", test.sent)
		res := roundTrip(t, i, r)
		read(t, res.Body)
		if got := seen.Get("If-None-Match"); got != test.reached || seen.Get("If-Match") != test.reached {
			t.Errorf("%s: the application saw %q, %q; want %q", name, got, seen.Get("If-Match"), test.reached)
		}
		if got := res.Header.Get("Etag"); got != test.answered {
			t.Errorf("%s: got %q, want %q", name, got, test.answered)
		}
		if got := seen.Get("If-Range"); got != test.sent {
			t.Errorf("%s: a part of the unchanged page was asked for with %q", name, got)
		}
		if r.Header.Get("If-None-Match") != test.sent {
			t.Errorf("%s: the request was changed", name)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	i := inject.New(script, application(answer{
		header: header("Etag", `"v1"`, "Content-Length", "75", "Accept-Ranges", "bytes"), body: http.NoBody, length: 75,
	}.response))
	res := roundTrip(t, i, request(http.MethodHead))
	if res.ContentLength != -1 || res.Header.Get("Content-Length") != "" || res.Header.Get("Etag") == `"v1"` || res.Header.Get("Accept-Ranges") != "none" {
		t.Errorf("got %d %v", res.ContentLength, res.Header)
	}
	if got := outcome(t, i); got != -1 {
		t.Errorf("a page that nobody got counts as %s", got)
	}
}

func TestAcceptedEncodings(t *testing.T) {
	t.Parallel()
	const page = "text/html,application/xhtml+xml,*/*;q=0.8"
	for name, test := range map[string]struct{ accept, sent, want string }{
		"browser":        {page, "gzip, deflate, br, zstd", "gzip, deflate, zstd"},
		"weights":        {page, "br;q=1.0, GZIP;q=0.8, *;q=0.1", "GZIP;q=0.8"},
		"brotli only":    {page, "br", "identity"},
		"dictionaries":   {page, "dcb, dcz", "identity"},
		"none":           {page, "", ""},
		"identity":       {page, "identity;q=0, gzip", "identity;q=0, gzip"},
		"not for a page": {"image/avif,*/*", "gzip, deflate, br", "gzip, deflate, br"},
	} {
		var got string
		i := inject.New(script, application(func(r *http.Request) *http.Response {
			got = r.Header.Get("Accept-Encoding")
			return known("").response(r)
		}))
		r := request(http.MethodGet, "Accept", test.accept)
		if test.sent != "" {
			r.Header.Set("Accept-Encoding", test.sent)
		}
		read(t, roundTrip(t, i, r).Body)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if now := r.Header.Get("Accept-Encoding"); now != test.sent {
			t.Errorf("%s: the request was changed to %q", name, now)
		}
	}
}

// The path is any that the configuration allows.
func TestPathOfTheTracker(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/a&b/tracker.js":        `src="/a&amp;b/tracker.js"`,
		`/"><b>/tracker.js`:      `src="/%22%3E%3Cb%3E/tracker.js"`,
		"/'/tracker.js":          `src="/%27/tracker.js"`,
		"/größe/tracker.js":      `src="/gr%C3%B6%C3%9Fe/tracker.js"`,
		"/metrics/v2/tracker.js": `src="/metrics/v2/tracker.js"`,
	} {
		i := inject.New(path, application(known(plainPage).response))
		got := read(t, roundTrip(t, i, request(http.MethodGet)).Body)
		if !strings.Contains(got, "<script defer "+want+"></script>") {
			t.Errorf("%s: got %q", path, got)
		}
		i = inject.New(path, application(known(got).response))
		if again := read(t, roundTrip(t, i, request(http.MethodGet)).Body); again != got {
			t.Errorf("%s: the tag is there twice: %q", path, again)
		}
	}
}

func TestApplicationThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	i := inject.New(script, refusing{})
	res, err := i.RoundTrip(request(http.MethodGet))
	if !errors.Is(err, io.ErrUnexpectedEOF) || res != nil {
		t.Errorf("got %v, %v", res, err)
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
