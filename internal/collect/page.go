package collect

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Page returns what is stored of the page that a usage event names. A path, which
// is what trackers send, is named as Name does; anything else, such as a title,
// stays as it is. Either is {other} once the hour has 1,000 of them, and has at
// most metric.MaxPageName characters. No name stays none.
func (n *Namer) Page(name string, at time.Time) string {
	switch {
	case name == "":
		return ""
	case strings.HasPrefix(name, "/"), strings.Contains(name, "://"):
		name = n.Name(name, at)
	default:
		name = n.admit(name, at)
	}
	if utf8.RuneCountInString(name) > metric.MaxPageName {
		return string([]rune(name)[:metric.MaxPageName-1]) + "…"
	}
	return name
}
