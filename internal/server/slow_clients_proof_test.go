//go:build proof

package server_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
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
// PROOF_SLOW slow ones, each with a byte a second. Rounds take turns, so that
// all meet the same machine: without slow clients; with slow clients of
// another server, in a process of its own, for what they cost the machine that
// they share with everything here; and with slow clients of this one.
func TestProofSlowClients(t *testing.T) {
	clients, rounds := fromEnvironment(t, "PROOF_SLOW", 5000), fromEnvironment(t, "PROOF_ROUNDS", 5)
	requests := fromEnvironment(t, "PROOF_REQUESTS", 1000)
	for _, row := range []struct {
		name string
		most int
	}{{"room for all", 2 * clients}, {"room for a third", clients / 3}} {
		t.Run(row.name, func(t *testing.T) {
			g := before(t, ordersApplication, func(o *server.Options) { o.MaxConnections = row.most })
			var none, elsewhere, here crowd
			for range rounds {
				none.ask(t, g, requests)

				other, end := startOrders(t)
				slow := startSlowClients(t, other, clients, time.Second)
				elsewhere.ask(t, g, requests)
				slow.end()
				end()

				slow = startSlowClients(t, g.Addr().String(), clients, time.Second)
				here.ask(t, g, requests)
				t.Logf("%d connections open", server.Connections(g.Server))
				slow.end()
				eventually(t, "they are gone", func() bool { return server.Places(g.Server) == 0 })
			}
			t.Logf("%d slow clients, at most %d connections, %d x %d requests\nnone:      %v\nelsewhere: %v\nhere:      %v",
				clients, row.most, rounds, requests, &none, &elsewhere, &here)
			if failed := none.failed + elsewhere.failed + here.failed; failed > 0 {
				t.Errorf("%d requests failed", failed)
			}
		})
	}
}

// startOrders starts the application of that name in a process of its own, and
// returns its address and what ends it.
func startOrders(t *testing.T) (address string, end func()) {
	t.Helper()
	address = freePort(t)
	command := exec.CommandContext(t.Context(), os.Args[0], address)
	command.Env = append(os.Environ(), "SERVER_TEST_APPLICATION=orders")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it listens", func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
	return address, func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

// crowd is what requests met beside slow clients.
type crowd struct {
	took   []time.Duration
	failed int
}

func (c *crowd) ask(t *testing.T, g *rig, n int) {
	took, failed := g.ask(t, n)
	c.took, c.failed = append(c.took, took...), c.failed+failed
}

// String returns the middle, the 99th percentile and the longest.
func (c *crowd) String() string {
	slices.Sort(c.took)
	n := len(c.took)
	return fmt.Sprintf("p50 %v, p99 %v, longest %v, failed %d", c.took[n/2], c.took[n*99/100], c.took[n-1], c.failed)
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
