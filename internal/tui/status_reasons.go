package tui

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// reasons says why samples were dropped or rejected. A newer server may know
// others.
var reasons = map[string]string{
	"queue_full": "memory full",
	"refused":    "refused by the database",
	"stopped":    "after the end",
	"busy":       "too many at once",
	"away":       "database away",
	"spool_full": "spool full",
	"disk":       "disk failed",
	"invalid":    "not valid",
	"stopping":   "while it ended",
}

// reasonWords counts by reason, the most frequent first; safe text.
func reasonWords(by map[string]int64) string {
	known := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b))
	})
	var words []string
	for _, reason := range known {
		if by[reason] == 0 {
			break
		}
		name := cmp.Or(reasons[reason], text.Terminal(strings.ReplaceAll(reason, "_", " ")))
		words = append(words, text.Count(by[reason])+" "+name)
	}
	return strings.Join(words, ", ")
}

func droppedAdvice(c *query.Collection) string {
	if full, known := c.DroppedBy["queue_full"]; known && full == 0 {
		return "The log says which these were, and what the database said of them."
	}
	if c.Spool != nil {
		return "Neither disk nor database took them: see that the disk has room, or raise spool.max_bytes."
	}
	return "The queue was full: find what makes the database slow, or raise queue.capacity."
}

func rejectedAdvice(c *query.Collection) string {
	if invalid, known := c.RejectedBy["invalid"]; known && invalid == 0 {
		return "Their senders were told to come back."
	}
	return "The log says what was wrong with those that were not valid."
}
