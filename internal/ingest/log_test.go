package ingest_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

// lines is a log that can be searched while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// count returns how many lines hold all of the words.
func (l *lines) count(words ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		hasAll := true
		for _, word := range words {
			hasAll = hasAll && strings.Contains(line, word)
		}
		if hasAll {
			n++
		}
	}
	return n
}
