package api

import (
	"sync"
	"time"
)

// linesPerSecond is how many unanswered requests the log names in a second: a
// sender that tries again and again must not fill a disk that is full already.
const linesPerSecond = 10

// thinLog decides which unanswered requests are logged. It is safe for
// concurrent use.
type thinLog struct {
	mu       sync.Mutex
	second   int64
	lines    int
	unlogged int
}

// admit says whether there is room for a line, and how many had none since the
// last.
func (t *thinLog) admit(now time.Time) (unlogged int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if second := now.Unix(); second != t.second {
		t.second, t.lines = second, 0
	}
	if t.lines == linesPerSecond {
		t.unlogged++
		return 0, false
	}
	t.lines++
	unlogged, t.unlogged = t.unlogged, 0
	return unlogged, true
}
