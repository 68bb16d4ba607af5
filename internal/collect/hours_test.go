package collect_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// crowded returns a namer whose hours have room for five names.
func crowded(t testing.TB, o collect.HoursOptions) *collect.Namer {
	t.Helper()
	routes := make([]string, 995)
	for i := range routes {
		routes[i] = fmt.Sprintf("/configured-%d", i)
	}
	n, err := collect.NewNamer(routes, o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever goes around all hours that samples may be of, and comes back, finds
// each as full as it was.
func TestEveryHourIsRememberedThatSamplesMayBeOf(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]time.Duration{"events": metric.RawRetention, "requests": metric.Retention} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ofNoon
			o.Reach = reach
			n := crowded(t, o)
			kept := map[time.Time]int{}
			for round := range 3 {
				for at := noon.Add(-reach); !at.After(noon.Add(5 * time.Minute)); at = at.Add(time.Hour) {
					for i := range 3 {
						if n.Name(fmt.Sprintf("/round-%c/page-%c", 'a'+round, 'a'+i), at) != metric.OtherEndpoint {
							kept[at]++
						}
					}
				}
			}
			for at, names := range kept {
				if names != 5 {
					t.Errorf("%s keeps %d names apart, want 5", at, names)
				}
			}
			if want := int(reach/time.Hour) + 1; len(kept) != want {
				t.Errorf("%d hours have names, want %d", len(kept), want)
			}
		})
	}
}

// An hour that no sample may be of keeps nothing apart, and takes no memory.
func TestNoNamesOfHoursThatNoSampleMayBeOf(t *testing.T) {
	t.Parallel()
	o := ofNoon
	o.Reach = metric.RawRetention
	n := crowded(t, o)
	for _, test := range []struct {
		after time.Duration
		want  string
	}{
		{0, "/orders"},
		{5 * time.Minute, "/orders"},
		{2 * time.Hour, metric.OtherEndpoint},
		{-metric.RawRetention, "/orders"},
		{-metric.RawRetention - time.Minute, "/orders"}, // was on its way
		{-metric.RawRetention - 2*time.Hour, metric.OtherEndpoint},
		{-metric.Retention, metric.OtherEndpoint},
	} {
		if got := n.Name("/orders", noon.Add(test.after)); got != test.want {
			t.Errorf("%s after now: got %s, want %s", test.after, got, test.want)
		}
	}
	if got := n.Name("/configured-1", noon.Add(-metric.Retention)); got != "/configured-1" {
		t.Errorf("a configured route became %s", got)
	}
}

// fill takes all the room of an hour, and asks for more.
func fill(e *collect.Elements, at time.Time) {
	for i := range 1100 {
		e.Element("/", names[i], at)
	}
}

var names = func() (names [1100]string) {
	for i := range names {
		names[i] = fmt.Sprintf("an-element-%d", i)
	}
	return names
}()

// heap returns the bytes that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// All hours that a sample may be of can be full at a time. Those of events stand
// for the thirteen times as many of requests.
func TestMemoryOfFullHours(t *testing.T) { //nolint:paralleltest // weighs the heap of the process
	const mostPerHour = 11 << 10
	o := ofNoon
	o.Reach = metric.RawRetention
	before, hours := heap(), int64(0)
	e := collect.NewElements(o)
	for at := noon.Add(-o.Reach); !at.After(noon); at = at.Add(time.Hour) {
		fill(e, at)
		hours++
	}
	if grown := heap() - before; grown > hours*mostPerHour {
		t.Errorf("%d hours have %d KiB, want at most %d", hours, grown>>10, hours*mostPerHour>>10)
	}
	runtime.KeepAlive(e)
}

// Hours that no sample may be of any more are forgotten.
func TestMemoryOfHoursThatPass(t *testing.T) { //nolint:paralleltest // weighs the heap of the process
	const most = 1 << 20
	now := noon
	e := collect.NewElements(collect.HoursOptions{Reach: 2 * time.Hour, Now: func() time.Time { return now }})
	before := heap()
	for range 300 {
		fill(e, now)
		now = now.Add(time.Hour)
	}
	if grown := heap() - before; grown > most {
		t.Errorf("%d KiB after 300 hours, want at most %d", grown>>10, most>>10)
	}
	runtime.KeepAlive(e)
}

// BenchmarkFullHour names what an hour keeps apart, and what it has no room for.
func BenchmarkFullHour(b *testing.B) {
	paths := make([]string, 2000)
	for i := range paths {
		paths[i] = fmt.Sprintf("/page-%c%c%c", 'a'+i/676, 'a'+i/26%26, 'a'+i%26)
	}
	n := namer(b)
	for _, path := range paths {
		n.Name(path, noon)
	}
	for name, paths := range map[string][]string{"kept": paths[:1000], "other": paths[1000:]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				n.Name(paths[i%len(paths)], noon)
			}
		})
	}
}
