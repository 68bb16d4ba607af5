package api_test

import (
	"net/http"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
)

// A hint reaches whoever was not let in, and the client that asks for them.
func TestHints(t *testing.T) {
	t.Parallel()
	const hint = "the request carries no access token"
	for kind, status := range map[error]int{
		admin.ErrUnauthenticated: http.StatusUnauthorized,
		admin.ErrForbidden:       http.StatusForbidden,
	} {
		s := over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.WithHint(kind, hint)}})
		got := s.get("/api/v1/metrics/status")
		f := got.fault(t)
		if got.Status != status || f.Message != kind.Error() || f.Details["hint"] != hint {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
		if _, err := s.client("").Status(t.Context()); admin.Hint(err) != hint {
			t.Errorf("client: got %v", err)
		}
	}
	s := over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.ErrUnauthenticated}})
	if f := s.get("/api/v1/metrics/status").fault(t); len(f.Details) != 0 {
		t.Errorf("without a hint: got %v", f.Details)
	}
}
