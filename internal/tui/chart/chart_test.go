package chart_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

var update = flag.Bool("update", false, "write the drawings anew")

var (
	nan   = math.NaN()
	looks = map[string]look.Look{
		"braille": look.New(look.Options{Profile: termenv.Ascii}),
		"plain":   look.New(look.Options{Profile: termenv.Ascii, Plain: true}),
		"colour":  look.New(look.Options{Profile: termenv.ANSI256, Dark: true}),
	}
	sizes = [...][2]int{{40, 8}, {76, 12}, {116, 18}}
)

func compact(v float64) string { return text.Compact(int64(v)) }

// waves returns n values around base, with the peaks of working days.
func waves(n int, base float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = base * (1.3 + math.Sin(float64(i)/24*2*math.Pi) + 0.3*math.Sin(float64(i)*1.7))
	}
	return values
}

func latency(n int) chart.Time {
	lines := []chart.Line{
		{Name: "p50", Values: waves(n, 30), Series: 0}, {Name: "p95", Values: waves(n, 110), Series: 1},
		{Name: "p99", Values: waves(n, 260), Series: 2},
	}
	for i := range lines {
		if n > 20 {
			copy(lines[i].Values[5:], []float64{nan, nan, lines[i].Values[7], nan})
		}
	}
	return chart.Time{
		Start: time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC), Step: time.Hour, Lines: lines, Unit: text.Duration,
		Cursor: -1, Floor0: true,
	}
}

func traffic(n int) chart.Time {
	failed := make([]float64, n)
	for i := range failed {
		failed[i] = float64(i%5) * 40
	}
	t := latency(n)
	t.Lines = []chart.Line{{Name: "requests", Values: waves(n, 800), Series: 3}, {Name: "errors", Values: failed, Series: 4}}
	t.Unit, t.Bars, t.Whole = compact, true, true
	return t
}

func buckets() []chart.Bucket {
	var list []chart.Bucket
	for i := range 32 {
		low := math.Pow(1.25, float64(i))
		list = append(list, chart.Bucket{Low: low, High: low * 1.25, Count: int64(4000 * math.Exp(-math.Pow(float64(i-12)/6, 2)))})
	}
	return list
}

func histogram() chart.Histogram {
	return chart.Histogram{
		Buckets: buckets(), Unit: text.Duration, Series: 3,
		Marks: []chart.Mark{{Name: "p95", Value: 110, Series: 1}, {Name: "p50", Value: 15}, {Name: "p99", Value: 240, Series: 2}},
	}
}

func ranking() chart.Ranking {
	return chart.Ranking{Unit: compact, Series: 5, Shares: []chart.Share{
		{"page_view", 15234}, {"button_click", 7300}, {"query_executed", 812}, {"日本語のイベントの名前", 90}, {"file_uploaded", 2},
		{"export_triggered", 0}, {"x", nan}, {"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1},
	}}
}

type drawer interface {
	Draw(l look.Look, width, height int) []string
}

func TestDrawings(t *testing.T) {
	t.Parallel()
	pointed := latency(24)
	pointed.Cursor = 9
	pointedAt := traffic(24)
	pointedAt.Cursor = 9
	logarithmic := latency(24)
	logarithmic.Log = true
	for name, drawing := range map[string]drawer{
		"latency_log": logarithmic,
		"latency":     latency(24), "latency_month": latency(720), "latency_cursor": pointed, "traffic": traffic(24),
		"traffic_month": traffic(720), "traffic_cursor": pointedAt, "histogram": histogram(), "ranking": ranking(),
		"empty": chart.Time{Cursor: -1},
	} {
		for style, l := range looks {
			t.Run(name+"_"+style, func(t *testing.T) {
				t.Parallel()
				var got strings.Builder
				for _, size := range sizes {
					fmt.Fprintf(&got, "%d x %d\n%s|\n", size[0], size[1], strings.Join(drawing.Draw(l, size[0], size[1]), "|\n"))
				}
				file := filepath.Join("testdata", name+"_"+style+".txt")
				if *update {
					if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got.String() != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got.String(), want)
				}
			})
		}
	}
}

func BenchmarkTime(b *testing.B) {
	l := look.New(look.Options{Dark: true})
	for _, bench := range []struct {
		name  string
		chart chart.Time
	}{{"lines", latency(2160)}, {"columns", traffic(2160)}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.chart.Draw(l, 180, 20)
			}
		})
	}
}
