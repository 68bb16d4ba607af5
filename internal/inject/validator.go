package inject

import (
	"net/http"
	"strings"
)

// Entity tags of changed pages carry a mark, which is taken off again before
// the application sees them. So a page that a browser holds is asked for by the
// application's own tag, and one that it holds with another tag in it, or with
// one that is no longer wanted, is fetched anew.

// marked returns the entity tag with the mark. weak says that the same page
// may be sent in other bytes, as is so when it is compressed anew.
func (i *Injector) marked(tag string, weak bool) string {
	opaque, ok := strings.CutSuffix(tag, `"`)
	if !ok {
		return tag
	}
	if weak && !strings.HasPrefix(opaque, "W/") {
		opaque = "W/" + opaque
	}
	return opaque + i.mark + `"`
}

// conditions are the fields in which clients send entity tags back. If-Range is
// none of them: a part of the unchanged page would not fit to a changed one.
var conditions = [...]string{"If-None-Match", "If-Match"}

func (i *Injector) hasMark(h http.Header) bool {
	for _, name := range conditions {
		for _, value := range h[name] {
			if strings.Contains(value, i.mark+`"`) {
				return true
			}
		}
	}
	return false
}

// unmark takes the mark off the entity tags in a request's header.
func (i *Injector) unmark(h http.Header) {
	for _, name := range conditions {
		for n, value := range h[name] {
			h[name][n] = strings.ReplaceAll(value, i.mark+`"`, `"`)
		}
	}
}

// markAgain lets the answer "not modified" name the page by the entity tag that
// the client has it under.
func (i *Injector) markAgain(r *http.Request, res *http.Response) {
	tag := res.Header.Get("Etag")
	if tag == "" {
		return
	}
	strong := i.marked(strings.TrimPrefix(tag, "W/"), false)
	for _, value := range r.Header["If-None-Match"] {
		before, _, found := strings.Cut(value, strong)
		if !found {
			continue
		}
		if strings.HasSuffix(before, "W/") {
			strong = "W/" + strong
		}
		res.Header.Set("Etag", strong)
		return
	}
}
