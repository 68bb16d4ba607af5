package threats

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Nobody writes lines of their own into the log, nor anything that a terminal
// obeys, in either format.
func TestNobodyForgesTheLog(t *testing.T) {
	t.Parallel()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := install(t, "sqlite", "APPMETRICS_LOG_FORMAT="+format, "APPMETRICS_UPSTREAM=http://"+dead.Addr().String(),
				"APPMETRICS_LISTEN=127.0.0.1:0")
			s.serve()
			for _, text := range hostile {
				inPath := url.PathEscape(text)
				// Refused by its origin, and logged without the path.
				s.ask(http.MethodPost, api+"/"+inPath, nil, "Origin", "https://evil.example").must(t, http.StatusForbidden)
				// Not answered by the application, and logged with the id.
				s.ask(http.MethodGet, "/"+inPath+"?"+url.QueryEscape(text), nil, "X-Request-Id", visibleOf(text)).must(t, http.StatusBadGateway)
				s.post(usageEvents, event("page_name", text, "element_id", text, "metadata", map[string]string{text: text})).must(t, http.StatusAccepted)
				s.post(usageEvents, event("event_type", text)).must(t, http.StatusBadRequest)
			}
			s.stop()
			log := s.log.String()
			if n := strings.Count(log, mark); n < len(hostile) {
				t.Errorf("the log shows %d of the texts: the test proves nothing", n)
			}
			printable(t, "the log", log)
			for line := range strings.Lines(log) {
				if format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("a line that is no JSON: %q", line)
				}
				if strings.HasPrefix(line, "{\"level\":\"ERROR\",\"msg\":\"forged") || strings.HasPrefix(line, "Set-Cookie") || strings.HasPrefix(line, "forged") {
					t.Errorf("a forged line: %q", line)
				}
			}
		})
	}
}

// visibleOf leaves out what no header may hold.
func visibleOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}
