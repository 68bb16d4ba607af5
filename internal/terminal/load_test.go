package terminal

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	loadRate  = 500  // requests per second
	loaders   = 20   // that send them
	mostShown = 2000 // arrivals that Live keeps
)

// underLoad shows Live while a server is asked 500 times a second, for some
// time, and notes how much memory the program has.
func underLoad(t *testing.T, lasts, every time.Duration) (x *terminal, memory []sample) {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(app.Close)
	s := newServer(t, "sqlite://"+filepath.Join(t.TempDir(), "metrics.db"), "--upstream", app.URL)
	x = open(t, 160, 50, "tui", "--server", s.url(), "--utc")
	x.until("loaded")
	x.press("5")
	x.until("following")

	end := make(chan struct{})
	var load sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loaders}}
	for i := range loaders {
		load.Go(func() {
			tick := time.NewTicker(loaders * time.Second / loadRate)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-end:
					return
				case <-tick.C:
				}
				response, err := client.Get(s.url() + "/endpoint-" + strconv.Itoa(i) + "/" + strconv.Itoa(n))
				if err != nil {
					continue // the server is busy; what counts is the dashboard
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
	began := time.Now()
	for tick := time.Tick(every); time.Since(began) < lasts; <-tick {
		memory = append(memory, sample{time.Since(began), x.resident()})
	}
	close(end)
	load.Wait()
	client.CloseIdleConnections()
	return x, memory
}

// sample is how much memory the program had after some time.
type sample struct {
	after time.Duration
	bytes float64
}

// resident returns the bytes of the program that are in memory.
func (x *terminal) resident() float64 {
	x.t.Helper()
	status, err := os.ReadFile("/proc/" + x.note("id") + "/status")
	if err != nil {
		x.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		x.t.Fatal(err)
	}
	return 1024 * kilobytes
}

// What Live keeps is bounded, however much arrives.
func TestLiveUnderLoad(t *testing.T) {
	t.Parallel()
	x, _ := underLoad(t, 20*time.Second, time.Second)
	x.until("following", "/endpoint-")
	x.press("e")
	x.until("CSV", "JSON")
	x.press("Enter")
	x.until("Exported ")
	files, err := filepath.Glob(filepath.Join(x.folder, "appmetrics-live-*.csv"))
	if err != nil || len(files) != 1 {
		t.Fatalf("exported %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if rows := bytes.Count(content, []byte("\n")) - 1; rows == 0 || rows > mostShown {
		t.Errorf("%d arrivals are kept, want at most %d", rows, mostShown)
	}
	x.press("q")
	x.ended(0)
}
