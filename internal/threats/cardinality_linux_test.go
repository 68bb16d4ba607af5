package threats

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Paths that nobody has ever seen do not grow anything: an hour keeps its first
// 1,000 endpoints apart and counts the rest as one, and not one is lost.
func TestRandomPathsStayBounded(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) { visitRandomPaths(t, engine, randomPaths[engine]) })
}

// visitRandomPaths asks the program for n paths, and posts it a tenth as many.
func visitRandomPaths(t *testing.T, engine string, n int) {
	const (
		visitors = 8
		perPost  = 1000
		most     = 96 << 20 // of growth, and the race detector doubles it
		perHour  = 1000
	)
	s := install(t, engine).serve()
	var all sync.WaitGroup
	var sent atomic.Int64
	halfway := make(chan struct{})
	for i := range visitors {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range n / visitors {
				got, err := s.try(http.MethodGet, randomPath(random), nil)
				if err != nil || got.status != http.StatusNotFound {
					t.Errorf("got %d, %v", got.status, err)
					return
				}
				if sent.Add(1) == int64(n/2) {
					close(halfway)
				}
			}
		})
	}
	<-halfway
	before, _ := s.memory()
	all.Wait()
	random := rand.New(rand.NewPCG(2, 0))
	posted := 0
	for ; posted < n/10; posted += perPost {
		samples := make([]string, perPost)
		for i := range samples {
			samples[i] = request(randomPath(random))
		}
		s.post(requests, requestsOf(samples...)).must(t, http.StatusAccepted)
	}
	after, _ := s.memory()
	t.Logf("%s: %d paths asked for, %d posted; memory %d MiB after half, %d MiB after all", engine, sent.Load(), posted, before>>20, after>>20)
	if after-before > most {
		t.Errorf("the program grew from %d to %d MiB in the second half", before>>20, after>>20)
	}
	series := strings.Count(s.ask(http.MethodGet, "/internal/appmetrics/prometheus", nil).body, "\nappmetrics_http_requests_total{")
	s.stop()

	total, others := 0, 0
	endpoints := map[string]int{}
	for _, row := range s.column(`SELECT endpoint || ' ' || COUNT(*) FROM performance_metrics GROUP BY endpoint`) {
		name, count, _ := strings.Cut(row, " ")
		times, err := strconv.Atoi(count)
		if err != nil {
			t.Fatal(err)
		}
		endpoints[name] = times
		total += times
		if name == metric.OtherEndpoint {
			others = times
		}
	}
	hours := len(s.column(`SELECT DISTINCT ` + hourIn[engine] + ` FROM performance_metrics`))
	if want := int(sent.Load()) + posted + posted/perPost; total != want { // the posts are requests too
		t.Errorf("stored %d requests, want %d", total, want)
	}
	if len(endpoints) > hours*(perHour+1) || len(endpoints) < perHour {
		t.Errorf("%d endpoints in %d hours, want at most %d and {other} in each", len(endpoints), hours, perHour)
	}
	if others == 0 || series > hours*2*(perHour+1) {
		t.Errorf("%d under {other}, %d series", others, series)
	}
}

// randomPath is made of words that look like parts of routes, not like ids.
func randomPath(random *rand.Rand) string {
	const syllables = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu"
	words := strings.Fields(syllables)
	var b strings.Builder
	for range 2 {
		b.WriteByte('/')
		for range 4 {
			b.WriteString(words[random.IntN(len(words))])
		}
	}
	return b.String()
}
