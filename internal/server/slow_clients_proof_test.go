//go:build proof

package server_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// fromEnvironment returns a number that the environment may set.
func fromEnvironment(t *testing.T, name string, otherwise int) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(otherwise)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestProofSlowClients measures what an application's clients notice of
// PROOF_SLOW slow ones, each with a byte a second. Rounds with and without them
// alternate, so that both meet the same machine.
func TestProofSlowClients(t *testing.T) {
	clients, rounds := fromEnvironment(t, "PROOF_SLOW", 5000), fromEnvironment(t, "PROOF_ROUNDS", 5)
	requests := fromEnvironment(t, "PROOF_REQUESTS", 1000)
	for _, row := range []struct {
		name string
		most int
	}{{"room for all", 2 * clients}, {"room for a third", clients / 3}} {
		t.Run(row.name, func(t *testing.T) {
			g := before(t, ordersApplication, func(o *server.Options) { o.MaxConnections = row.most })
			var without, with []time.Duration
			failed := 0
			for range rounds {
				took, _ := g.ask(t, requests)
				without = append(without, took...)
				slow := startSlowClients(t, g.Addr().String(), clients, time.Second)
				took, f := g.ask(t, requests)
				with, failed = append(with, took...), failed+f
				open := server.Connections(g.Server)
				slow.end()
				t.Logf("%d connections open", open)
				eventually(t, "they are gone", func() bool { return server.Places(g.Server) == 0 })
			}
			a, b := percentiles(without), percentiles(with)
			t.Logf("%d slow clients, at most %d connections, %d x %d requests: p50 %v and %v, p99 %v and %v (ratio %.2f), longest %v and %v, failed %d",
				clients, row.most, rounds, requests, a[0], b[0], a[1], b[1], float64(b[1])/float64(a[1]), a[2], b[2], failed)
			if failed > 0 {
				t.Errorf("%d requests failed", failed)
			}
		})
	}
}

// ask sends so many requests, 500 a second, each tenth on a connection of its
// own, and returns how long each took.
func (g *rig) ask(t *testing.T, n int) (took []time.Duration, failed int) {
	t.Helper()
	pace := time.NewTicker(2 * time.Millisecond)
	defer pace.Stop()
	for i := range n {
		<-pace.C
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, g.URL+"/orders", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Close = i%10 == 0
		began := time.Now()
		res, err := g.client.Do(r)
		if err != nil {
			failed++
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if took = append(took, time.Since(began)); res.StatusCode != http.StatusOK {
			failed++
		}
	}
	return took, failed
}

// percentiles returns the middle, the 99th percentile and the longest.
func percentiles(took []time.Duration) [3]time.Duration {
	slices.Sort(took)
	return [3]time.Duration{took[len(took)/2], took[len(took)*99/100], took[len(took)-1]}
}
