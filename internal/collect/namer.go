package collect

import (
	"hash/maphash"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
	"unique"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// cutMark is the last segment of a name that was cut.
const cutMark = "/…"

// Namer makes route names of request paths, so that the requests of one route
// share a name whatever ids are in their paths. It is safe for concurrent use.
type Namer struct {
	routes *routeNode
	hours  *hours // of the names besides the configured routes
}

// NewNamer returns a namer that knows the given route patterns. A pattern is a
// path whose segments may be {name}, for any segment, and at the end
// {name...} or "/", for any rest; where several fit, the more specific wins, as
// in http.ServeMux. The error names the pattern that cannot be read.
func NewNamer(routes []string, o HoursOptions) (*Namer, error) {
	n := &Namer{
		routes: &routeNode{},
		hours:  newHours(o, max(maxPerHour-len(routes), 0), "further ones are stored as "+metric.OtherEndpoint+": configure routes"),
	}
	for _, pattern := range routes {
		if err := n.routes.add(pattern); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Name returns the endpoint of a path, escaped or not, that was requested at
// the given time: the configured route that fits, else the path with its ids
// made {id}, and {other} once the hour has 1,000 endpoints. Query and fragment
// are dropped, a trailing slash is kept, repeated slashes are one. The result
// is valid UTF-8, printable, and at most 500 characters; naming it again
// changes nothing.
func (n *Namer) Name(path string, at time.Time) string {
	name, isRoute := n.route(path)
	if isRoute {
		return name
	}
	return n.admit(name, at)
}

// admit returns the name if its hour has room for it, else {other}.
func (n *Namer) admit(name string, at time.Time) string {
	if name == metric.OtherEndpoint || !n.hours.admit(maphash.String(n.hours.seed, name), at) {
		return metric.OtherEndpoint
	}
	return unique.Make(name).Value() // one copy, and no part of a long address
}

// route returns the name of a path, and whether it is a configured route.
func (n *Namer) route(path string) (string, bool) {
	path = strip(path)
	if path == metric.OtherEndpoint || path == "/"+metric.OtherEndpoint {
		return metric.OtherEndpoint, false
	}
	var few [8]string // most paths need no room on the heap
	segments, isPlain := normalize(few[:0], path)
	if pattern := n.routes.match(segments); pattern != "" {
		return pattern, true
	}
	for i, s := range segments {
		if name := segmentName(s); name != s {
			segments[i], isPlain = name, false
		}
	}
	if isPlain && len(path) <= metric.MaxEndpoint {
		return path, false
	}
	return join(segments), false
}

// strip removes what is not path: query, fragment, scheme and host.
func strip(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	for _, scheme := range []string{"http://", "https://"} {
		if rest, ok := strings.CutPrefix(path, scheme); ok {
			i := strings.IndexByte(rest, '/')
			if i < 0 {
				return "/"
			}
			return rest[i:]
		}
	}
	return path
}

// normalize appends the clean segments of a path; an empty last one stands for a
// trailing slash. isPlain says that the path is just these, joined.
func normalize(segments []string, path string) (_ []string, isPlain bool) {
	isPlain = strings.HasPrefix(path, "/")
	rest := strings.TrimLeft(path, "/")
	isPlain = isPlain && len(path)-len(rest) == 1
	for {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			s := cleanSegment(rest)
			isPlain = isPlain && s == rest
			return append(segments, s), isPlain
		}
		s := cleanSegment(rest[:i])
		isPlain = isPlain && s == rest[:i]
		segments = append(segments, s)
		trimmed := strings.TrimLeft(rest[i:], "/")
		isPlain = isPlain && len(rest)-i-len(trimmed) == 1
		rest = trimmed
	}
}

// cleanSegment drops the parameters of a segment (RFC 3986, section 3.3), which
// hold what queries hold, such as a session. It replaces what is not printable,
// and decodes a segment where that is safe, so that both spellings share a name.
func cleanSegment(s string) string {
	s = dropParameters(s)
	if !isPrintable(s) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return utf8.RuneError
		}, strings.ToValidUTF8(s, "\uFFFD"))
	}
	if strings.IndexByte(s, '%') >= 0 {
		if decoded, err := url.PathUnescape(s); err == nil && isPrintable(decoded) && !strings.ContainsAny(decoded, "/?#%") {
			return dropParameters(decoded)
		}
	}
	return s
}

func dropParameters(s string) string {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		return s
	}
	if i == 0 {
		return idName // an empty segment would be a slash too many
	}
	return s[:i]
}

func isPrintable(s string) bool {
	for i, r := range s {
		if r < utf8.RuneSelf {
			if r < ' ' || r == 0x7f {
				return false
			}
			continue
		}
		if !unicode.IsPrint(r) {
			return false
		}
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false // not a character but a broken byte
		}
	}
	return true
}

// join puts segments together and cuts what does not fit at a slash.
func join(segments []string) string {
	name := "/" + strings.Join(segments, "/")
	if utf8.RuneCountInString(name) <= metric.MaxEndpoint {
		return name
	}
	var b strings.Builder
	room := metric.MaxEndpoint - utf8.RuneCountInString(cutMark)
	for _, s := range segments {
		room -= 1 + utf8.RuneCountInString(s)
		if room < 0 {
			break
		}
		b.WriteByte('/')
		b.WriteString(s)
	}
	b.WriteString(cutMark)
	return b.String()
}
