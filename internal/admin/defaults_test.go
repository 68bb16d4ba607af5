package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// Who sets no bounds has some.
func TestDefaultsOfTheWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
		const calls, waiting, tokens = 32, 2000, 3000
		refusals := make(chan error, tokens)
		for i := range tokens {
			go func() {
				_, err := w.Check(t.Context(), holding(fmt.Sprint("token", i)))
				refusals <- err
			}()
		}
		synctest.Wait()
		if got := fake.Calls(workspacetest.MePath); got != calls {
			t.Errorf("%d calls at once, want %d", got, calls)
		}
		if got := len(refusals); got != tokens-calls-waiting {
			t.Errorf("%d refused at once, want %d", got, tokens-calls-waiting)
		}
		began := time.Now()
		for range tokens {
			if err := <-refusals; !errors.Is(err, admin.ErrUnverifiable) {
				t.Errorf("got error %v", err)
			}
		}
		if took := time.Since(began); took != callLimit {
			t.Errorf("the last of them heard after %v, want %v", took, callLimit)
		}

		fake.Respond(nil)
		const holds = 5 * time.Minute
		before := fake.Calls(workspacetest.MePath)
		for _, pause := range []time.Duration{0, holds - 1, 1} {
			time.Sleep(pause)
			if _, err := w.Check(t.Context(), holding("ada-token")); err != nil {
				t.Errorf("after %v: %v", pause, err)
			}
		}
		if got := fake.Calls(workspacetest.MePath) - before; got != 2 {
			t.Errorf("%d calls, want one at the beginning and one once 5 minutes were over", got)
		}
	})
}
