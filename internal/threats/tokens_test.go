package threats

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

func (s *site) seen(token string, header ...string) int {
	s.t.Helper()
	if token != "" {
		header = append(header, "X-Forwarded-Access-Token", token)
	}
	return s.ask(http.MethodGet, performance, nil, header...).status
}

// What is remembered about a token holds for that token alone, whatever comes
// beside it. That a decision holds for five minutes at most, used or not, is
// shown on a clock of its own in internal/admin.
func TestTheCacheOfDecisionsCannotBePoisoned(t *testing.T) {
	t.Parallel()
	w, address := workspace(t)
	s := install(t, "sqlite", "DATABRICKS_HOST="+address).serve()
	ada := []string{"X-Forwarded-Email", "ada@example.com", "X-Forwarded-User", "ada@example.com", "X-Forwarded-Groups", "admins"}
	for range 2 { // asked, then remembered
		if got := s.seen(bobToken, ada...); got != http.StatusForbidden {
			t.Errorf("bob as ada: %d", got)
		}
		if got := s.seen(adaToken, "X-Forwarded-Email", "bob@example.com"); got != http.StatusOK {
			t.Errorf("ada as bob: %d", got)
		}
	}
	if got := w.Calls(workspacetest.MePath); got != 2 {
		t.Errorf("%d calls for two tokens", got)
	}
	for _, near := range []string{"TOKEN-OF-ADA", adaToken[:len(adaToken)-1], adaToken + "x", adaToken + "," + bobToken, "Bearer " + adaToken, `"` + adaToken + `"`} {
		if got := s.seen(near, ada...); got != http.StatusUnauthorized {
			t.Errorf("token %q: %d", near, got)
		}
	}
	// A failure of the workspace is nobody's decision.
	w.Respond(func(*http.Request) workspacetest.Fault {
		return workspacetest.Fault{Status: http.StatusInternalServerError}
	})
	w.SetUser("token-of-eve", databricks.User{Name: "eve@example.com", Groups: []string{"admins"}, Active: true})
	if got := s.seen("token-of-eve"); got != http.StatusServiceUnavailable {
		t.Errorf("eve without a workspace: %d", got)
	}
	w.Respond(nil)
	if got := s.seen("token-of-eve"); got != http.StatusOK {
		t.Errorf("eve, once it is back: %d", got)
	}
}

// A yes ends with the token, and nothing takes its place while the workspace
// fails.
func TestAnAdministratorDoesNotStayOne(t *testing.T) {
	t.Parallel()
	w, address := workspace(t)
	s := install(t, "sqlite", "DATABRICKS_HOST="+address).serve()
	const lives = 2 * time.Second // claims are in whole seconds
	ends := time.Now().Add(lives).Truncate(time.Second)
	claims := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d}`, ends.Unix()))
	token := "eyJhbGciOiJub25lIn0." + claims + ".c2ln"
	w.SetUser(token, databricks.User{Name: "ada@example.com", Groups: []string{"admins"}, Active: true})
	if got := s.seen(token); got != http.StatusOK {
		t.Fatalf("while the token lives: %d", got)
	}
	w.Respond(func(*http.Request) workspacetest.Fault {
		return workspacetest.Fault{Status: http.StatusServiceUnavailable}
	})
	<-time.After(time.Until(ends))
	if got := s.seen(token); got != http.StatusServiceUnavailable {
		t.Errorf("after its end, with the workspace away: %d", got)
	}
	w.Respond(nil)
	w.RemoveUser(token)
	if got := s.seen(token); got != http.StatusUnauthorized {
		t.Errorf("revoked: %d", got)
	}
}

// However many come at once with a token, the workspace is asked once.
func TestAStampedeMakesOneCall(t *testing.T) {
	t.Parallel()
	const callers = 40
	w, address := workspace(t)
	s := install(t, "sqlite", "DATABRICKS_HOST="+address, "APPMETRICS_LIMITS_QUESTIONS=1000").serve()
	w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: 100 * time.Millisecond} })
	var all sync.WaitGroup
	statuses := make([]int, callers)
	for i := range statuses {
		all.Go(func() {
			got, err := s.try(http.MethodGet, api+"/usage/count", nil, "X-Forwarded-Access-Token", adaToken)
			if err != nil {
				t.Error(err)
			}
			statuses[i] = got.status
		})
	}
	all.Wait()
	for _, status := range statuses {
		if status != http.StatusOK {
			t.Errorf("got %d", status)
		}
	}
	if got := w.Calls(workspacetest.MePath); got != 1 {
		t.Errorf("%d calls to the workspace, want 1", got)
	}
}
