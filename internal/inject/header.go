package inject

import (
	"mime"
	"net/http"
	"strings"
)

// isPage tells whether the header announces an HTML document for a window.
func isPage(res *http.Response) bool {
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299,
		res.StatusCode == http.StatusNoContent,
		res.StatusCode == http.StatusResetContent,
		res.StatusCode == http.StatusPartialContent:
		return false
	}
	kind, _ := contentType(res.Header)
	disposition, _, _ := strings.Cut(res.Header.Get("Content-Disposition"), ";")
	return kind == "text/html" && !strings.EqualFold(strings.TrimSpace(disposition), "attachment") &&
		res.ContentLength != 0
}

// contentType returns the media type and the charset in small letters, or
// nothing when the header is not clear about them.
func contentType(h http.Header) (kind, charset string) {
	if len(h.Values("Content-Type")) != 1 {
		return "", ""
	}
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "", ""
	}
	return kind, strings.ToLower(parameters["charset"])
}

// judge returns why a page with this header is left alone, or Injected when
// its content has to tell.
func (i *Injector) judge(h http.Header) Outcome {
	if forbidsChange(h) {
		return NoTransform
	}
	if name := encoding(h); name != "" && i.codecs[name] == nil {
		return Encoding
	}
	if _, charset := contentType(h); !extendsASCII(charset) {
		return Charset
	}
	if wantsIntegrity(h) {
		return Policy
	}
	if _, allowed := headerPolicies(h).nonce(); !allowed {
		return Policy
	}
	return Injected
}

// forbidsChange tells whether an intermediary must not touch the content
// (RFC 9111, section 5.2.2.6), or would make a digest of it wrong (RFC 9530).
func forbidsChange(h http.Header) bool {
	for _, name := range [...]string{"Content-Digest", "Repr-Digest", "Digest", "Content-Md5"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return strings.Contains(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), "no-transform")
}

// encoding returns the name of the content coding, or nothing for none.
func encoding(h http.Header) string {
	name := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ",")))
	if name == "identity" {
		return ""
	}
	return name
}

// extendsASCII tells whether the bytes of ASCII characters mean those
// characters everywhere in the text, or at least those that HTML's syntax is
// made of: the second bytes of the Asian encodings below are none of them.
func extendsASCII(charset string) bool {
	charset = strings.ToLower(strings.TrimSpace(charset))
	switch charset {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "latin1", "macintosh", "koi8-r", "koi8-u",
		"gbk", "gb2312", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis", "shift-jis", "sjis":
		return true
	}
	return strings.HasPrefix(charset, "iso-8859-") || strings.HasPrefix(charset, "windows-")
}

// asked returns r as the application gets it: with encodings that can be read
// here, if it asks for a page, and with the application's own entity tags.
func (i *Injector) asked(r *http.Request) *http.Request {
	accepted := r.Header.Values("Accept-Encoding")
	narrow := len(accepted) > 0 && strings.Contains(r.Header.Get("Accept"), "text/html")
	marked := i.hasMark(r.Header)
	if !narrow && !marked || r.Header.Get("Upgrade") != "" {
		return r
	}
	out := r.WithContext(r.Context()) // a shallow copy: a transport changes no request
	out.Header = r.Header.Clone()
	if narrow {
		out.Header.Set("Accept-Encoding", i.readable(strings.Join(accepted, ",")))
	}
	if marked {
		i.unmark(out.Header)
	}
	return out
}

// readable returns those encodings of the list that can be read here.
func (i *Injector) readable(list string) string {
	var kept []string
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		name, _, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "identity" || i.codecs[name] != nil {
			kept = append(kept, item)
		}
	}
	if len(kept) == 0 {
		return "identity"
	}
	return strings.Join(kept, ", ")
}
