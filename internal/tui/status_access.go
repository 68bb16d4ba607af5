package tui

import (
	"fmt"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// accessVitals says what is remembered of who is an administrator; nothing
// where no workspace is asked.
func accessVitals(c *query.AdminCache) []vital {
	if c == nil {
		return nil
	}
	return []vital{{
		section: accessSection, label: "Administrators", standing: inOrder, fact: fact{"admin_cache.entries", c.Entries},
		also:  []fact{{"admin_cache.hits", c.Hits}},
		value: fmt.Sprintf("%s remembered, %s answered by that", counted(c.Entries, "decision"), counted(c.Hits, "check")),
	}, {
		section: accessSection, label: "Workspace", standing: inOrder, fact: fact{"admin_cache.calls", c.Calls},
		also:  []fact{{"admin_cache.unanswered", c.Unanswered}},
		value: fmt.Sprintf("asked %s, %s without an answer", times(c.Calls), text.Count(c.Unanswered)),
	}}
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return text.Count(n) + " times"
}
