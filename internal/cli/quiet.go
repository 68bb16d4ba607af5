package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
)

// mostHeld is how many lines of the log are kept while nothing may be written.
const mostHeld = 1000

// quietly runs what draws on the terminal. What is written to the log meanwhile
// is kept, and follows at the end: warnings and errors, the latest of them.
func (r *run) quietly(show func() error) error {
	log, errs, terminal := r.log, r.Err, r.ErrTerminal
	held := &heldLog{}
	r.log, r.Err, r.ErrTerminal = slog.New(&holding{log.Handler(), held}), io.Discard, false
	err := show()
	r.log, r.Err, r.ErrTerminal = log, errs, terminal
	return errors.Join(err, held.write(log))
}

// heldLog keeps lines of a log. It is safe for concurrent use.
type heldLog struct {
	mu      sync.Mutex
	lines   []func() error // each writes one
	dropped int
}

func (h *heldLog) add(line func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.lines) == mostHeld {
		h.lines = h.lines[1:]
		h.dropped++
	}
	h.lines = append(h.lines, line)
}

func (h *heldLog) write(log *slog.Logger) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.dropped > 0 {
		log.Warn("earlier lines of the log were not kept", "lines", h.dropped)
	}
	var errs []error
	for _, line := range h.lines {
		errs = append(errs, line())
	}
	return errors.Join(errs...)
}

// holding hands what a handler would write to a heldLog.
type holding struct {
	handler slog.Handler
	held    *heldLog
}

// Enabled reports whether a line of this level is kept.
func (h *holding) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.handler.Enabled(ctx, level)
}

// Handle keeps a line.
func (h *holding) Handle(ctx context.Context, line slog.Record) error {
	ctx, line = context.WithoutCancel(ctx), line.Clone()
	h.held.add(func() error { return h.handler.Handle(ctx, line) })
	return nil
}

// WithAttrs keeps the attributes for the derived logger's lines.
func (h *holding) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &holding{h.handler.WithAttrs(attrs), h.held}
}

// WithGroup keeps the group for the derived logger's lines.
func (h *holding) WithGroup(name string) slog.Handler {
	return &holding{h.handler.WithGroup(name), h.held}
}
