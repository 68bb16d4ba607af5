package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/doctor"
	"github.com/appmetrics/appmetrics/internal/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// broken is a report with all that there can be in one.
func broken(t *testing.T) doctor.Report {
	t.Helper()
	o := options("sqlite:///nowhere/appmetrics.db")
	o.Settings = func(context.Context) error { return errors.New("listen \x1b[31mred\nline \u202e two") }
	o.Listen = "127.0.0.1"
	o.DatabaseFile = "/dev/null/appmetrics.db"
	return doctor.Run(t.Context(), o)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		format doctor.Format
		o      doctor.RenderOptions
	}{
		"plain.txt":  {doctor.Table, doctor.RenderOptions{}},
		"color.txt":  {doctor.Table, doctor.RenderOptions{Color: true}},
		"narrow.txt": {doctor.Table, doctor.RenderOptions{Width: 60}},
		"tiny.txt":   {doctor.Table, doctor.RenderOptions{Width: 10}},
		"all.json":   {doctor.JSON, doctor.RenderOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := doctor.Render(&got, broken(t), c.format, c.o); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("%s has changed; run go test ./internal/doctor -update\ngot:\n%s", path, &got)
			}
		})
	}
}

func TestLinesKeepToTheWidth(t *testing.T) {
	t.Parallel()
	for width := 48; width < 200; width += 7 {
		var got bytes.Buffer
		if err := doctor.Render(&got, broken(t), doctor.Table, doctor.RenderOptions{Color: true, Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(got.String()) {
			if n := text.Width(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d cells at width %d: %q", n, width, line)
			}
		}
	}
}

func TestJSONSurvivesARoundTrip(t *testing.T) {
	t.Parallel()
	r := broken(t)
	var encoded bytes.Buffer
	if err := doctor.Render(&encoded, r, doctor.JSON, doctor.RenderOptions{}); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(encoded.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	checks := back["checks"].([]any)
	if back["ok"] != false || len(back) != 2 || len(checks) != len(r.Checks) {
		t.Fatalf("decoded %v", back)
	}
	for i, c := range r.Checks {
		want := map[string]any{"name": c.Name, "status": string(c.Status), "message": c.Message, "mend": c.Mend}
		if !reflect.DeepEqual(checks[i], want) {
			t.Errorf("decoded %v, want %v", checks[i], want)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	err := doctor.Render(&bytes.Buffer{}, doctor.Report{}, "pdf", doctor.RenderOptions{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "pdf"`) {
		t.Errorf("error %v", err)
	}
}
