package inject

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// mostHead bounds how far into a page the end of its head is waited for, and
// how long one token of it may be.
const mostHead = 64 << 10

// head reads a page token by token, up to where the tag belongs: the end of its
// head, where all its policies are known. What can only be understood by a
// parser (noscript, templates) ends the head as far as we are concerned, and so
// does its length: the tag may stand before any token of the head.
type head struct {
	injector *Injector
	host     string // that the page was asked from
	feed     *feed
	tokens   *html.Tokenizer
	policies policies

	document bool   // it is known to be a whole document
	within   string // the element of raw text whose end is to come: script, style or title
	held     []byte // tokens that must not be parted from the next one
	passed   int    // bytes before those
	gone     bool   // held has gone out
}

func newHead(i *Injector, host string, policies policies, r io.Reader) *head {
	h := &head{injector: i, host: host, policies: policies}
	h.begin(&feed{content: r})
	return h
}

func (h *head) begin(f *feed) {
	h.feed, h.tokens = f, html.NewTokenizer(f)
	h.tokens.SetMaxBuf(mostHead)
}

// verdict says what a token means for the page.
type verdict int

const (
	pass   verdict = iota // it can go out
	hold                  // it goes out with the next one
	wait                  // it has not come whole yet
	insert                // the tag belongs before it
	refuse                // the page is to be left alone
)

// next reads one token, waiting for it if need be and if patient. It returns
// the bytes that may go out (valid until it is called again), what they mean for
// the page, and for refuse the outcome. At insert the bytes belong behind the
// tag.
func (h *head) next(patient bool) (raw []byte, v verdict, why Outcome) {
	if h.gone {
		h.held, h.gone = h.held[:0], false
	}
	h.feed.patient = patient
	kind := h.tokens.Next()
	if h.feed.dry {
		h.back()
		return nil, wait, 0
	}
	before := len(h.held)
	h.held = append(h.held, h.tokens.Raw()...) // a copy: reading attributes changes the original
	token := h.held[before:]

	switch {
	case kind == html.ErrorToken && !errors.Is(h.tokens.Err(), html.ErrBufferExceeded):
		v, why = h.ended()
	case !h.document && (len(token) >= mostHead || h.passed > mostHead):
		v, why = refuse, Fragment
	case len(token) >= mostHead && h.within != "" && before == 0:
		v, why = refuse, Malformed // an end tag: before it is inside the element
	case len(token) >= mostHead, kind == html.ErrorToken, h.passed > mostHead && h.within == "":
		v = insert
	case bytes.IndexByte(token, escape) >= 0:
		v, why = refuse, Charset
	default:
		v, why = h.token(kind, token)
	}
	if v == hold {
		return nil, hold, why
	}
	h.gone = true
	h.passed += len(h.held)
	return h.held, v, why
}

// back returns to the beginning of a token that has not come whole.
func (h *head) back() {
	if len(h.held) > 0 {
		h.within = "" // what opened it is read again
	}
	again := slices.Concat(h.held, h.tokens.Raw())
	h.held = nil
	h.begin(&feed{again: again, content: h.feed.content})
}

// rest returns what was read and is behind the last token.
func (h *head) rest() []byte { return slices.Concat(h.tokens.Buffered(), h.feed.again) }

// feed is the content as the tokenizer gets it: again first, and more only with
// patience, for reading waits for the application.
type feed struct {
	again   []byte
	content io.Reader
	patient bool
	dry     bool // more was needed
}

// Read reads content.
func (f *feed) Read(to []byte) (int, error) {
	if len(f.again) > 0 {
		n := copy(to, f.again)
		f.again = f.again[n:]
		return n, nil
	}
	if !f.patient {
		f.dry = true
		return 0, io.ErrNoProgress
	}
	return f.content.Read(to)
}

// escape begins what switches ISO-2022 encodings to another alphabet.
const escape = 0x1b

func (h *head) token(kind html.TokenType, raw []byte) (verdict, Outcome) {
	switch kind {
	case html.DoctypeToken:
		h.document = true
	case html.TextToken:
		return h.text(raw)
	case html.StartTagToken, html.SelfClosingTagToken:
		return h.start()
	case html.EndTagToken:
		return h.end()
	case html.CommentToken, html.ErrorToken:
	}
	return pass, 0
}

func (h *head) text(raw []byte) (verdict, Outcome) {
	if h.within != "" {
		return pass, 0
	}
	if h.passed == 0 {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	if len(bytes.Trim(raw, " \t\n\f\r")) == 0 {
		return pass, 0
	}
	return h.stop()
}

// ended is what to do when nothing follows.
func (h *head) ended() (verdict, Outcome) {
	if !h.document && errors.Is(h.tokens.Err(), io.EOF) {
		return refuse, Fragment
	}
	return refuse, Malformed
}

// stop is what to do before a token that does not belong to a head.
func (h *head) stop() (verdict, Outcome) {
	if !h.document {
		return refuse, Fragment
	}
	return insert, 0
}

func (h *head) start() (verdict, Outcome) {
	tag, more := h.tokens.TagName()
	switch name := string(tag); name {
	case "html", "head":
		h.document = true
	case "link", "basefont", "bgsound":
	case "meta":
		return h.meta(h.attributes(more))
	case "base":
		return h.base(h.attributes(more))
	case "script":
		if src, ok := h.attributes(more)["src"]; ok && h.injector.isHere(src) {
			return refuse, Present
		}
		h.within = name
		return hold, 0
	case "style", "title":
		h.within = name
		return hold, 0
	default:
		return h.stop()
	}
	return pass, 0
}

func (h *head) end() (verdict, Outcome) {
	tag, _ := h.tokens.TagName()
	switch string(tag) {
	case h.within:
		h.within = ""
	case "head", "body", "html", "br":
		return h.stop()
	}
	return pass, 0 // the parser ignores any other
}

// attributes returns those of the present tag; of two with one name the first
// counts.
func (h *head) attributes(more bool) map[string]string {
	all := make(map[string]string)
	for more {
		var key, value []byte
		key, value, more = h.tokens.TagAttr()
		if _, again := all[string(key)]; !again {
			all[string(key)] = string(value)
		}
	}
	return all
}

func (h *head) meta(attributes map[string]string) (verdict, Outcome) {
	content := attributes["content"]
	charset := attributes["charset"]
	switch strings.ToLower(attributes["http-equiv"]) {
	case "content-type":
		if _, after, ok := strings.Cut(strings.ToLower(content), "charset="); ok {
			charset = strings.Trim(after, ` "'`)
		}
	case "content-security-policy":
		h.policies = append(h.policies, parsePolicy(content))
		if _, allowed := h.policies.nonce(); !allowed {
			return refuse, Policy
		}
	}
	// UTF-16 is read as UTF-8 when a page says it here, since it could say it
	// in no other way.
	if charset = strings.ToLower(charset); !extendsASCII(charset) && !strings.HasPrefix(charset, "utf-16") {
		return refuse, Charset
	}
	return pass, 0
}

func (h *head) base(attributes map[string]string) (verdict, Outcome) {
	href, ok := attributes["href"]
	if !ok {
		return pass, 0
	}
	if !staysAt(h.host, strings.TrimSpace(href)) {
		return refuse, Base
	}
	return pass, 0
}

// staysAt tells whether an address certainly means the host, or is relative.
// Browsers read more as the name of a host than RFC 3986 has it: they take a
// backslash for a slash, and any number of slashes for two.
func staysAt(host, address string) bool {
	u, err := url.Parse(address)
	switch {
	case err != nil, strings.Contains(address, `\`):
		return false
	case u.Host != "":
		return strings.EqualFold(u.Host, host)
	}
	return u.Scheme == "" && !strings.HasPrefix(address, "//")
}
