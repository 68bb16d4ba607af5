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

func (e *example[T]) check(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		e.Want = got
	}
	if got != e.Want {
		t.Errorf("%s(%v) = %q, want %q", name, e.In, got, e.Want)
	}
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
	for name, list := range map[string][]example[int64]{"Count": examples.Count, "Compact": examples.Compact} {
		show := map[string]func(int64) string{"Count": text.Count, "Compact": text.Compact}[name]
		for i := range list {
			list[i].check(t, name, show(list[i].In))
		}
	}
	for name, list := range map[string][]example[float64]{"Duration": examples.Duration, "Percent": examples.Percent} {
		show := map[string]func(float64) string{"Duration": text.Duration, "Percent": text.Percent}[name]
		for i := range list {
			list[i].check(t, name, show(list[i].In))
		}
	}
	for name, list := range map[string][]example[[2]*float64]{"Change": examples.Change, "Points": examples.Points} {
		show := map[string]func(_, _ *float64) string{"Change": text.Change, "Points": text.Points}[name]
		for i := range list {
			list[i].check(t, name, show(list[i].In[0], list[i].In[1]))
		}
	}
	for name, list := range map[string][]example[string]{"Terminal": examples.Terminal, "CSVCell": examples.CSVCell} {
		show := map[string]func(string) string{"Terminal": text.Terminal, "CSVCell": text.CSVCell}[name]
		for i := range list {
			list[i].check(t, name, show(list[i].In))
		}
	}
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
