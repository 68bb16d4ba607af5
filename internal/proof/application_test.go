//go:build unix

package proof

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// application is what the program stands in front of, with a user who asks it
// for pages.
type application struct {
	*httptest.Server
	program *program
	end     chan struct{}
	group   sync.WaitGroup

	asked, failed atomic.Int64
	slowest       atomic.Int64 // nanoseconds
}

// newApplication returns an application that always answers.
func newApplication(t testing.TB) *application {
	t.Helper()
	a := &application{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "Hello")
	}))}
	t.Cleanup(a.Close)
	return a
}

// visit lets a user ask for a page through the program, again and again.
func (a *application) visit(p *program, pause time.Duration) {
	a.program, a.end = p, make(chan struct{})
	a.group.Go(func() {
		for {
			a.page()
			select {
			case <-a.end:
				return
			case <-time.After(pause):
			}
		}
	})
}

// leave ends what visit began, and returns how many pages were asked for in all
// and how many of them did not come.
func (a *application) leave() (asked, failed int64) {
	close(a.end)
	a.group.Wait()
	return a.asked.Load(), a.failed.Load()
}

// page asks for one page.
func (a *application) page() {
	began := time.Now()
	a.asked.Add(1)
	response, err := http.Get(a.program.url() + "/orders")
	if err != nil {
		a.failed.Add(1)
		return
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || string(body) != "Hello" {
		a.failed.Add(1)
	}
	if took := int64(time.Since(began)); took > a.slowest.Load() {
		a.slowest.Store(took)
	}
}
