package cli

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/text"
)

// newLogger returns the log of this run: readable text where a person sees it,
// JSON elsewhere.
func (r *run) newLogger() *slog.Logger {
	level := slog.LevelInfo
	// The settings allow only levels that slog knows.
	_ = level.UnmarshalText([]byte(r.settings.LogLevel))
	format := r.settings.LogFormat
	if format == "auto" {
		format = "json"
		if r.ErrTerminal {
			format = "text"
		}
	}
	var handler slog.Handler
	if format == "text" {
		handler = tint.NewTextHandler(r.Err, &tint.Options{
			Level: level, TimeFormat: time.TimeOnly, NoColor: r.noColor || !r.ErrTerminal,
		})
	} else {
		handler = slog.NewJSONHandler(visible{r.Err}, &slog.HandlerOptions{Level: level, ReplaceAttr: spellDuration})
	}
	return slog.New(correlated{handler})
}

// visible is a writer of JSON lines that shows what slog writes as it is, though
// terminals obey it or hide it.
type visible struct{ io.Writer }

// Write writes one line.
func (v visible) Write(line []byte) (int, error) {
	if _, err := v.Writer.Write(text.JSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// spellDuration writes durations with their unit, where JSON would have bare
// nanoseconds.
func spellDuration(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// correlated puts the correlation id of the request that a line belongs to on
// the line.
type correlated struct{ slog.Handler }

// Handle adds the correlation id that ctx carries, if any.
func (h correlated) Handle(ctx context.Context, line slog.Record) error {
	if id := collect.CorrelationID(ctx); id != "" && !has(line, correlationKey) {
		line.AddAttrs(slog.String(correlationKey, id))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs keeps the correlation id on the derived logger's lines.
func (h correlated) WithAttrs(attrs []slog.Attr) slog.Handler {
	return correlated{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the correlation id on the derived logger's lines.
func (h correlated) WithGroup(name string) slog.Handler {
	return correlated{h.Handler.WithGroup(name)}
}

const correlationKey = "correlation_id"

func has(line slog.Record, key string) bool {
	found := false
	line.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}
