// Package inject owns the tracker's script tag in pages of the observed
// application: it puts one into every HTML document that passes, while it
// passes. It refuses whatever leaves room for doubt. A response that is not
// certainly a whole document, that its own policy keeps scripts out of, or that
// cannot be read, passes as it came and is counted.
package inject

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// Outcome says what became of one page.
type Outcome int

// The outcomes. Every one but Injected means that the page was left as it was.
const (
	Injected    Outcome = iota
	Fragment            // a part of a page: no doctype, <html> or <head> begins it
	Present             // the page carries the tag already
	Policy              // its Content-Security-Policy, or another policy, allows no such script
	Base                // its <base> would lead the tag to another site
	Encoding            // a Content-Encoding that is not known here
	Charset             // a character encoding in which ASCII means something else
	NoTransform         // Cache-Control: no-transform, or a digest of the content
	Malformed           // it ends within its head, or cannot be decoded
	outcomes
)

// String returns the outcome as the label of a metric.
func (o Outcome) String() string {
	return [...]string{
		"injected", "fragment", "present", "policy", "base", "encoding", "charset", "no_transform", "malformed",
	}[o]
}

// Outcomes returns all of them.
func Outcomes() []Outcome {
	all := make([]Outcome, outcomes)
	for i := range all {
		all[i] = Outcome(i)
	}
	return all
}

// Injector is a transport that puts the tag into the pages which another one
// brings. It is safe for concurrent use.
type Injector struct {
	next   http.RoundTripper
	script string // path of the tracker
	src    string // the same as the value of an attribute
	mark   string // what entity tags of changed pages end with
	codecs map[string]*codec
	counts [outcomes]atomic.Int64
}

// New returns an injector of the script at this path, such as
// /metrics/tracker.js, into what next brings.
func New(script string, next http.RoundTripper) *Injector {
	src := html.EscapeString((&url.URL{Path: script}).EscapedPath())
	version := sha256.Sum256([]byte("1 " + src)) // of what is inserted, and where
	return &Injector{
		next:   next,
		script: script,
		src:    src,
		mark:   "-am" + hex.EncodeToString(version[:4]),
		codecs: newCodecs(),
	}
}

// Count returns how many pages had this outcome.
func (i *Injector) Count(o Outcome) int64 { return i.counts[o].Load() }

func (i *Injector) count(o Outcome) { i.counts[o].Add(1) }

// RoundTrip sends r, asking only for encodings that can be read here, and
// returns the response, with the tag if it is a page.
func (i *Injector) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := i.next.RoundTrip(i.asked(r))
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusNotModified {
		i.markAgain(r, res)
	}
	if !isPage(res) {
		return res, nil
	}
	if outcome := i.judge(res.Header); outcome != Injected {
		i.count(outcome)
		return res, nil
	}
	b := &body{injector: i, host: r.Host, policies: headerPolicies(res.Header),
		codec: i.codecs[encoding(res.Header)], source: &source{body: res.Body}}
	switch {
	case r.Method == http.MethodHead:
		i.mayChange(res)
	case res.ContentLength < 0:
		// The header must not wait for the body, so it says that the page may
		// have changed, whether or not it will.
		i.mayChange(res)
		res.Body = b
	default:
		i.settle(res, b)
	}
	return res, nil
}

// settle reads a page of known length as far as its head goes, so that its
// header is right either way.
func (i *Injector) settle(res *http.Response, b *body) {
	added := b.decide()
	res.Body = b
	if added == 0 {
		return
	}
	length := res.ContentLength + int64(added)
	i.mayChange(res)
	if b.codec == nil {
		res.ContentLength = length
		res.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
}

// mayChange takes from the header what holds for the unchanged page only.
func (i *Injector) mayChange(res *http.Response) {
	res.ContentLength = -1
	res.Header.Del("Content-Length")
	res.Header.Set("Accept-Ranges", "none") // the application's are parts of another page
	if tag := res.Header.Get("Etag"); tag != "" {
		res.Header.Set("Etag", i.marked(tag, res.Header.Get("Content-Encoding") != ""))
	}
}

// tag returns the tag, for a page whose policies want this nonce, or none.
func (i *Injector) tag(nonce string) string {
	attribute := ""
	if nonce != "" {
		attribute = ` nonce="` + nonce + `"`
	}
	return `<script defer src="` + i.src + `"` + attribute + `></script>`
}

// isHere tells whether src, an attribute of the page, means the tracker.
func (i *Injector) isHere(src string) bool {
	u, err := url.Parse(strings.TrimSpace(src))
	return err == nil && cmp.Or(u.Path, u.Opaque) == i.script
}
