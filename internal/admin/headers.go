package admin

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Headers are those by which a proxy says who the user is. The zero value
// means the headers of oauth2-proxy and of Databricks Apps. The proxy has to
// set or remove each of them on every request: one that it passes on as it
// comes lets anybody be anybody.
type Headers struct {
	// User headers are looked at in order; the first that is not blank
	// decides. Nil means X-Forwarded-Email, then X-Forwarded-User.
	User []string
	// Groups holds group names, separated by commas. Empty means
	// X-Forwarded-Groups.
	Groups string
}

// UserOf returns the user that the headers name. It returns "" when they name
// none, and when the deciding header is there twice, holds a comma (which is how
// two headers become one, RFC 9110, section 5.3), is longer than
// metric.MaxUserID, is not UTF-8 or holds control characters: two names are
// none.
func (h Headers) UserOf(header http.Header) string {
	standard := [...]string{"X-Forwarded-Email", "X-Forwarded-User"}
	order := h.User
	if order == nil {
		order = standard[:]
	}
	for _, name := range order {
		values := header.Values(name)
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || strings.Contains(values[0], ",") || !printable(values[0]) {
			return ""
		}
		if user := strings.TrimSpace(values[0]); user != "" {
			return user
		}
	}
	return ""
}

// GroupsOf returns the groups that the headers name, trimmed. It returns none
// when the header is there twice: one of the two may be what the browser sent,
// passed on by a proxy that adds its own.
func (h Headers) GroupsOf(header http.Header) []string {
	name := h.Groups
	if name == "" {
		name = "X-Forwarded-Groups"
	}
	lines := header.Values(name)
	if len(lines) != 1 {
		return nil
	}
	var groups []string
	for group := range strings.SplitSeq(lines[0], ",") {
		if group = strings.TrimSpace(group); group != "" {
			groups = append(groups, group)
		}
	}
	return groups
}

// printable reports whether a user's name can be stored and shown.
func printable(user string) bool {
	return utf8.ValidString(user) &&
		utf8.RuneCountInString(user) <= metric.MaxUserID &&
		!strings.ContainsFunc(user, unicode.IsControl)
}
