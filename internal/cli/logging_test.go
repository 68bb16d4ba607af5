package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/metric"
)

type nowhere struct{}

func (nowhere) Record(metric.Request) {}

func TestLinesOfARequestCarryItsCorrelationID(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := &run{Streams: Streams{Err: &out}, settings: &config.Settings{LogLevel: "info", LogFormat: "auto"}}
	log := r.newLogger()
	handler := collect.New(collect.Options{Recorder: nowhere{}}).Middleware(http.HandlerFunc(
		func(_ http.ResponseWriter, request *http.Request) {
			log.With("part", 1).InfoContext(request.Context(), "once")
			log.InfoContext(request.Context(), "given", correlationKey, "other")
			log.DebugContext(request.Context(), "too quiet")
		}))
	request := httptest.NewRequest(http.MethodGet, "/x", nil)
	request.Header.Set("X-Request-Id", "abc-123")
	handler.ServeHTTP(httptest.NewRecorder(), request)

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines, want 2:\n%s", len(lines), &out)
	}
	for i, want := range []string{"abc-123", "other"} {
		var line map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil {
			t.Fatal(err)
		}
		if line[correlationKey] != want || strings.Count(lines[i], correlationKey) != 1 {
			t.Errorf("line = %s, want correlation id %s", lines[i], want)
		}
	}
}

func TestLogIsTextWhereAPersonReadsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, format    string
		terminal, plain bool
		want            string
	}{
		{"terminal", "auto", true, false, "\x1b["},
		{"terminal without colours", "auto", true, true, " INF serving engine=sqlite\n"},
		{"text in a file", "text", false, false, " INF serving engine=sqlite\n"},
		{"file", "auto", false, false, `"msg":"serving","engine":"sqlite"`},
		{"json on a terminal", "json", true, false, `"msg":"serving","engine":"sqlite"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			r := &run{
				Streams: Streams{Err: &out, ErrTerminal: c.terminal}, noColor: c.plain,
				settings: &config.Settings{LogLevel: "info", LogFormat: c.format},
			}
			r.newLogger().Info("serving", "engine", "sqlite")
			if !strings.Contains(out.String(), c.want) {
				t.Errorf("wrote %q, want %q in it", &out, c.want)
			}
		})
	}
}
