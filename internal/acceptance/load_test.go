//go:build acceptance

package acceptance

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tally is what the generator knows of one route.
type tally struct {
	count, errors int64
	users         map[string]bool
	took          []float64 // milliseconds at the server's socket
}

func (b *tally) add(status int, user string, ms float64) {
	b.count++
	if status >= 400 {
		b.errors++
	}
	if user != "" {
		b.users[user] = true
	}
	b.took = append(b.took, ms)
}

func (b *tally) quantile(q float64) float64 {
	sorted := slices.Sorted(slices.Values(b.took))
	return sorted[int(math.Ceil(q*float64(len(sorted))-1e-9))-1]
}

// books records what was sent and answered.
type books struct {
	mu       sync.Mutex
	routes   map[string]*tally // by "METHOD endpoint"
	failures map[string]int64  // by "METHOD endpoint error type"
	answered []string          // correlation ids of complete answers
	at       int
	then     func()
}

func newBooks() *books {
	return &books{routes: map[string]*tally{}, failures: map[string]int64{}}
}

// after calls f once, beside the load, when n requests have been answered.
func (b *books) after(n int, f func()) { b.at, b.then = n, f }

func (b *books) add(s shot, id string, status int, ms float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := s.method + " " + s.endpoint
	if b.routes[name] == nil {
		b.routes[name] = &tally{users: map[string]bool{}}
	}
	b.routes[name].add(status, s.user, ms)
	if status >= 400 {
		kind := "CLIENT"
		if status >= 500 {
			kind = "SERVER"
		}
		b.failures[fmt.Sprintf("%s %s_ERROR_%d", name, kind, status)]++
	}
	b.answered = append(b.answered, id)
	if len(b.answered) == b.at {
		go b.then()
	}
}

func (b *books) total() *tally {
	all := &tally{users: map[string]bool{}}
	for _, one := range b.routes {
		all.count += one.count
		all.errors += one.errors
		all.took = append(all.took, one.took...)
		for user := range one.users {
			all.users[user] = true
		}
	}
	return all
}

// shot is one request that the generator will send.
type shot struct {
	method, path, endpoint, body, user string
	status                             int
}

// mix returns n requests in the proportions of a small business application,
// the same for the same seed. No route has less than a twentieth: a p99 of some
// dozens of requests would be the luck of one of them.
func mix(n int, records []string) []shot {
	random := rand.New(rand.NewPCG(7, 11))
	const list, one = "/api/collections/orders/records", "/api/collections/orders/records/{id}"
	shots := make([]shot, n)
	for i := range shots {
		record := records[random.IntN(len(records))]
		var s shot
		switch p := random.IntN(100); {
		case p < 28:
			s = shot{"GET", list + "?perPage=20&sort=-title&filter=" + "title~'a'", list, "", "", 200}
		case p < 49:
			s = shot{"GET", list + "/" + record, one, "", "", 200}
		case p < 54:
			s = shot{"GET", list + "/missing0record0", one, "", "", 404}
		case p < 64:
			s = shot{"POST", list, list, fmt.Sprintf(`{"title":"order %d","amount":%d}`, i, random.IntN(900)), "", 200}
		case p < 67:
			s = shot{"POST", list, list, `{"amount":3}`, "", 400}
		case p < 75:
			s = shot{"PATCH", list + "/" + record, one, fmt.Sprintf(`{"amount":%d}`, random.IntN(900)), "", 200}
		case p < 85:
			s = shot{"GET", "/hello.txt?v=" + fmt.Sprint(i), "/hello.txt", "", "", 200}
		case p < 90:
			s = shot{"GET", "/api/health", "/api/health", "", "", 200}
		case p < 95:
			s = shot{"GET", "/video.bin", "/video.bin", "", "", 200}
		default:
			s = shot{"GET", "/api/nowhere", "/api/nowhere", "", "", 404}
		}
		if who := random.IntN(45); who < 40 {
			s.user = fmt.Sprintf("user%02d@example.com", who)
		}
		shots[i] = s
	}
	return shots
}

// load sends n requests over some connections at once and waits for all of
// them. A request that gets no complete answer is not booked.
func (a *app) load(t *testing.T, n, connections int, b *books) {
	t.Helper()
	todo := make(chan int)
	shots := mix(n, a.records)
	var workers sync.WaitGroup
	for range connections {
		workers.Go(func() {
			w := newWire()
			defer w.client.CloseIdleConnections()
			for i := range todo {
				a.send(t, w, shots[i], fmt.Sprintf("load-%05d", i), b)
			}
		})
	}
	for i := range shots {
		todo <- i
	}
	close(todo)
	workers.Wait()
}

func (a *app) send(t *testing.T, w *wire, s shot, id string, b *books) {
	request, err := http.NewRequest(s.method, a.url+strings.ReplaceAll(s.path, " ", "%20"), strings.NewReader(s.body))
	if err != nil {
		t.Errorf("request: %v", err)
		return
	}
	request.Header.Set("X-Request-Id", id)
	if s.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.user != "" {
		request.Header.Set("X-Forwarded-Email", s.user)
	}
	response, err := w.do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return
	}
	took := float64(w.took()) / float64(time.Millisecond)
	if response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusBadGateway {
		b.mu.Lock()
		stopping := b.at > 0
		b.mu.Unlock()
		if !stopping {
			t.Errorf("%s %s: %d", s.method, s.path, response.StatusCode)
		}
	} else if response.StatusCode != s.status {
		t.Errorf("%s %s: got %d, want %d", s.method, s.path, response.StatusCode, s.status)
	}
	b.add(s, id, response.StatusCode, took)
}
