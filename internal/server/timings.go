package server

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// bounds are the upper bounds of the buckets, in seconds.
var bounds = [...]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// timings is a Prometheus histogram with fixed buckets. The metrics library has
// histograms of its own kind only, which Prometheus cannot read.
type timings struct {
	name, labels string
	buckets      [len(bounds) + 1]atomic.Uint64
	sum          atomic.Int64 // nanoseconds
}

func newTimings(name, labels string) *timings { return &timings{name: name, labels: labels} }

func (t *timings) observe(seconds float64) {
	i := 0
	for i < len(bounds) && seconds > bounds[i] {
		i++
	}
	t.buckets[i].Add(1)
	t.sum.Add(int64(seconds * 1e9))
}

func (t *timings) write(w io.Writer) {
	prefix, suffix := "", ""
	if t.labels != "" {
		prefix, suffix = t.labels+",", "{"+t.labels+"}"
	}
	var text strings.Builder
	var total uint64
	for i := range t.buckets {
		total += t.buckets[i].Load()
		le := "+Inf"
		if i < len(bounds) {
			le = fmt.Sprint(bounds[i])
		}
		fmt.Fprintf(&text, "%s_bucket{%sle=%q} %d\n", t.name, prefix, le, total)
	}
	fmt.Fprintf(&text, "%s_sum%s %g\n", t.name, suffix, float64(t.sum.Load())/1e9)
	fmt.Fprintf(&text, "%s_count%s %d\n", t.name, suffix, total)
	_, _ = io.WriteString(w, text.String()) // the reader may be gone: nobody to tell
}
