package text_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/appmetrics/appmetrics/internal/text"
)

var update = flag.Bool("update", false, "write what the functions return into testdata/examples.json")

// example is a value and how it reads.
type example[T any] struct {
	In   T      `json:"in"`
	Want string `json:"want"`
}

func check[T any](t *testing.T, name string, show func(T) string, examples []example[T]) {
	t.Helper()
	for i := range examples {
		e := &examples[i]
		got := show(e.In)
		if *update {
			e.Want = got
		}
		if got != e.Want {
			t.Errorf("%s(%v) = %q, want %q", name, e.In, got, e.Want)
		}
	}
}

func ofPair(show func(now, before *float64) string) func([2]*float64) string {
	return func(pair [2]*float64) string { return show(pair[0], pair[1]) }
}

// TestExamples: the dashboard shows values by functions of its own, in
// TypeScript, and its tests hold them against the same file. What this one and
// the report say of a value, the dashboard says too.
func TestExamples(t *testing.T) {
	t.Parallel()
	const file = "testdata/examples.json"
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var examples struct {
		Count    []example[int64]       `json:"count"`
		Compact  []example[int64]       `json:"compact"`
		Duration []example[float64]     `json:"duration"`
		Percent  []example[float64]     `json:"percent"`
		Change   []example[[2]*float64] `json:"change"`
		Points   []example[[2]*float64] `json:"points"`
		Terminal []example[string]      `json:"terminal"`
		CSVCell  []example[string]      `json:"csv_cell"`
	}
	if err := json.Unmarshal(document, &examples); err != nil {
		t.Fatal(err)
	}
	check(t, "Count", text.Count, examples.Count)
	check(t, "Compact", text.Compact, examples.Compact)
	check(t, "Duration", text.Duration, examples.Duration)
	check(t, "Percent", text.Percent, examples.Percent)
	check(t, "Change", ofPair(text.Change), examples.Change)
	check(t, "Points", ofPair(text.Points), examples.Points)
	check(t, "Terminal", text.Terminal, examples.Terminal)
	check(t, "CSVCell", text.CSVCell, examples.CSVCell)
	if !*update {
		return
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(examples); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text.JSON(out.Bytes()), 0o600); err != nil {
		t.Fatal(err)
	}
}
