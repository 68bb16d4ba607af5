package server

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	vm "github.com/VictoriaMetrics/metrics"
)

// What Prometheus is told a figure is.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// families holds figures by their name without labels. The metrics library
// describes them for the whole process or not at all, so each family has a set
// of its own, and is described here. The zero value is empty; it is safe for
// concurrent use.
type families struct {
	mu   sync.Mutex
	sets map[string]*family
}

type family struct {
	*vm.Set
	kind, help string
}

// of returns the set to which a figure belongs.
func (f *families) of(figure, kind, help string) *vm.Set {
	name, _, _ := strings.Cut(figure, "{")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sets == nil {
		f.sets = make(map[string]*family)
	}
	if f.sets[name] == nil {
		f.sets[name] = &family{vm.NewSet(), kind, help}
	}
	return f.sets[name].Set
}

// write writes every family with its description, by name.
func (f *families) write(w io.Writer) {
	f.mu.Lock()
	sets := maps.Clone(f.sets)
	f.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		one := sets[name]
		// The reader may be gone: nobody to tell.
		_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, one.help, name, one.kind)
		one.WritePrometheus(w)
	}
}
