package admin

import (
	"fmt"
	"time"
)

// ExpiryOf is expiryOf, for tests.
func ExpiryOf(token string) (time.Time, bool) { return expiryOf(token) }

// Held returns all that the cache holds, as text.
func (w *Workspace) Held() string {
	text := fmt.Sprintf("flights %+v\n", &w.flights)
	for _, key := range w.decided.entries.Keys() {
		value, _ := w.decided.entries.Peek(key)
		text += fmt.Sprintf("%s %x %+v\n", key, key, value)
	}
	return text
}
