package proof

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// memory is the resident memory of a process, watched.
type memory struct {
	began time.Time
	end   chan struct{}
	group sync.WaitGroup

	mu   sync.Mutex
	seen []moment
}

// moment is how much memory a process holds, and when.
type moment struct {
	after time.Duration
	bytes float64
}

// watch looks at the memory of a process until stop is called.
func watch(life *process, every time.Duration) *memory {
	m := &memory{began: time.Now(), end: make(chan struct{})}
	m.group.Go(func() {
		for {
			if bytes, ok := resident(life.Process.Pid); ok {
				m.mu.Lock()
				m.seen = append(m.seen, moment{after: time.Since(m.began), bytes: bytes})
				m.mu.Unlock()
			}
			select {
			case <-m.end:
				return
			case <-time.After(every):
			}
		}
	})
	return m
}

// stop ends the watch, once.
func (m *memory) stop() {
	close(m.end)
	m.group.Wait()
}

// most returns the largest number of bytes that was seen.
func (m *memory) most() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var most float64
	for _, s := range m.seen {
		most = max(most, s.bytes)
	}
	return most
}

// slope returns by how many bytes an hour the memory grew after some time, by
// least squares.
func (m *memory) slope(after time.Duration) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var n, sumX, sumY, sumXX, sumXY float64
	for _, s := range m.seen {
		if s.after >= after {
			x := s.after.Hours()
			n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+s.bytes, sumXX+x*x, sumXY+x*s.bytes
		}
	}
	if d := n*sumXX - sumX*sumX; d > 0 {
		return (n*sumXY - sumX*sumY) / d
	}
	return 0
}

// resident returns the bytes of a process that are in memory.
func resident(pid int) (bytes float64, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()), err == nil
}

// figure returns one of the program's own figures.
func (p *program) figure(name string) float64 {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.url()+"/internal/appmetrics/prometheus", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-Email", administrator)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n
		}
	}
	p.t.Fatalf("%s: no figure %s", response.Status, name)
	return 0
}
