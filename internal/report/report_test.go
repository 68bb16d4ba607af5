package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func reports() map[string]*report.Report {
	return map[string]*report.Report{
		"filled": filled(), "compare": compared(), "beyond": beyond(), "empty": empty(), "hostile": hostile(),
		"endpoint": one(), "month": month(),
	}
}

func render(t testing.TB, r *report.Report, format report.Format, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Render(&b, r, format, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var extensions = map[report.Format]string{
	report.Table: "txt", report.JSON: "json", report.CSV: "csv", report.Markdown: "md", report.HTML: "html",
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, format := range report.Formats() {
			golden(t, name+"."+extensions[format], r, format, report.Options{Width: 120, Now: end})
		}
	}
	golden(t, "filled_color.txt", filled(), report.Table, report.Options{Color: true, Width: 120})
	golden(t, "filled_narrow.txt", filled(), report.Table, report.Options{Width: 60})
	golden(t, "compare_wide.txt", compared(), report.Table, report.Options{})
	for _, section := range report.Sections()[1:] {
		golden(t, "filled_"+string(section)+".csv", filled(), report.CSV, report.Options{Section: section})
	}
}

func golden(t *testing.T, file string, r *report.Report, format report.Format, o report.Options) {
	t.Run(file, func(t *testing.T) {
		t.Parallel()
		got, path := render(t, r, format, o), filepath.Join("testdata", file)
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; go test ./internal/report -update rewrites it. Got:\n%s", path, got)
		}
	})
}

// TestPrintable holds every format, whatever the names, to printable
// characters and line feeds.
func TestPrintable(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, format := range report.Formats() {
			out := render(t, r, format, report.Options{})
			if !utf8.ValidString(out) {
				t.Errorf("%s as %s is not UTF-8", name, format)
			}
			for _, char := range out {
				if char != '\n' && !unicode.IsPrint(char) {
					t.Errorf("%s as %s holds %U", name, format, char)
				}
			}
		}
	}
}

func TestJSONIsTheAPIsShape(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		if name == "hostile" {
			continue // holds bytes that are not UTF-8, which JSON replaces
		}
		var got struct {
			Performance         *query.Performance `json:"performance"`
			Usage               *query.Usage       `json:"usage"`
			TimeSeries          *query.TimeSeries  `json:"time_series"`
			Errors              *query.Errors      `json:"errors"`
			PreviousPerformance *query.Performance `json:"previous_performance"`
		}
		decoder := json.NewDecoder(strings.NewReader(render(t, r, report.JSON, report.Options{})))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for part, pair := range map[string][2]any{
			"performance": {got.Performance, r.Performance}, "usage": {got.Usage, r.Usage},
			"time series": {got.TimeSeries, r.TimeSeries}, "errors": {got.Errors, r.Errors},
			"previous performance": {got.PreviousPerformance, r.PreviousPerformance},
		} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("%s: %s is %+v, want %+v", name, part, pair[0], pair[1])
			}
		}
	}
}

func TestMarkdownTablesHold(t *testing.T) {
	t.Parallel()
	pipes := func(line string) int { return strings.Count(line, "|") - strings.Count(line, `\|`) }
	for name, r := range reports() {
		columns := 0
		for line := range strings.Lines(render(t, r, report.Markdown, report.Options{})) {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			if columns == 0 {
				columns = pipes(line)
			}
			if got := pipes(line); got != columns {
				t.Errorf("%s: %d bars instead of %d in %q", name, got, columns, line)
			}
		}
	}
}

// TestOneEndpoint: usage events belong to pages, so a report about one endpoint
// leaves them out.
func TestOneEndpoint(t *testing.T) {
	t.Parallel()
	for _, format := range []report.Format{report.Table, report.Markdown, report.HTML} {
		out := render(t, one(), format, report.Options{})
		if !strings.Contains(out, "/checkout") || strings.Contains(out, "page_view") || strings.Contains(out, "add-order") {
			t.Errorf("%s of one endpoint:\n%s", format, out)
		}
	}
}

// TestWhatIsJudged: more time and more errors are worse, however many times
// more; what the error of percentiles alone can make is neither.
func TestWhatIsJudged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		p95, before float64
		want        string
	}{
		"slower":            {200, 150, `<span class="change worse">+33.3%</span>`},
		"faster":            {150, 200, `<span class="change better">-25.0%</span>`},
		"far beyond":        {30_000, 1, `<span class="change worse">>+9,999%</span>`},
		"a bucket up":       {102.02, 100, `<span class="change">+2.0%</span>`},
		"a bucket down":     {100, 102.02, `<span class="change">-2.0%</span>`},
		"two buckets up":    {104.08, 100, `<span class="change worse">+4.1%</span>`},
		"two buckets down":  {100, 104.08, `<span class="change better">-3.9%</span>`},
		"nothing to divide": {100, 0, `<span class="change">new</span>`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := compared()
			r.Performance.Endpoints = r.Performance.Endpoints[1:2]
			r.Performance.Endpoints[0].P95MS, r.PreviousPerformance.Endpoints[0].P95MS = test.p95, test.before
			r.Performance.Metrics.P95MS, r.Performance.Previous.Metrics.P95MS = test.p95, test.before
			out := html.UnescapeString(render(t, r, report.HTML, report.Options{}))
			if !strings.Contains(out, test.want) {
				t.Errorf("the endpoint lacks %s", test.want)
			}
			if card := strings.ReplaceAll(test.want, "span", "dd"); !strings.Contains(out, card) {
				t.Errorf("the summary lacks %s", card)
			}
		})
	}
}

// TestAnonymousUsers: whoever counts them as one user more is told how many
// requests that user stands for.
func TestAnonymousUsers(t *testing.T) {
	t.Parallel()
	const words = "412 anonymous requests count as one user"
	for _, format := range []report.Format{report.Table, report.Markdown, report.HTML} {
		r := filled()
		if out := render(t, r, format, report.Options{}); strings.Contains(out, words) {
			t.Errorf("%s counts anonymous users unasked", format)
		}
		r.Params.IncludeAnonymous = true
		if out := render(t, r, format, report.Options{}); !strings.Contains(out, words) {
			t.Errorf("%s does not say %q", format, words)
		}
		r.Performance.Metrics.AnonymousRequests = 1
		if out := render(t, r, format, report.Options{}); !strings.Contains(out, "1 anonymous request counts as one user") {
			t.Errorf("%s of one request:\n%s", format, out)
		}
	}
}

// TestEventsAlone: where nothing was requested, charts of it would be empty.
func TestEventsAlone(t *testing.T) {
	t.Parallel()
	r := empty()
	r.Usage = filled().Usage
	for _, format := range []report.Format{report.Table, report.Markdown, report.HTML} {
		out := render(t, r, format, report.Options{})
		for _, words := range []string{"Traffic", "Response time", "Figures by hour"} {
			if strings.Contains(out, words) {
				t.Errorf("%s has %s:\n%s", format, words, out)
			}
		}
		if !strings.Contains(strings.ReplaceAll(out, `\_`, "_"), "page_view") {
			t.Errorf("%s lacks the events:\n%s", format, out)
		}
	}
}

func TestEmptySaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, format := range []report.Format{report.Table, report.Markdown, report.HTML} {
		out := render(t, empty(), format, report.Options{})
		for _, words := range []string{"No data available", "serve"} {
			if !strings.Contains(out, words) {
				t.Errorf("%s does not say %q:\n%s", format, words, out)
			}
		}
	}
	for format, want := range map[report.Format]string{
		report.Table:    "\n  leave out --app to look at every app\n  look further back: appmetrics report --range 90d\n",
		report.Markdown: "\n- leave out --app to look at every app\n- look further back: `appmetrics report --range 90d`\n",
		report.HTML:     "\n<li>leave out --app to look at every app</li>\n<li>look further back: <code>appmetrics report --range 90d</code></li>\n",
	} {
		if out := render(t, empty(), format, report.Options{}); !strings.Contains(out, want) {
			t.Errorf("%s does not say %q:\n%s", format, want, out)
		}
	}
	out := render(t, empty(), report.CSV, report.Options{})
	if strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "endpoint,method,") {
		t.Errorf("CSV is not the header alone: %q", out)
	}
}

func TestUnknownFormatAndSection(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, err := range []error{
		report.Render(&b, filled(), "pdf", report.Options{}),
		report.Render(&b, filled(), report.CSV, report.Options{Section: "all"}),
	} {
		if err == nil || !strings.Contains(err.Error(), "; one of ") {
			t.Errorf("error %v does not say what there is", err)
		}
	}
	if b.Len() > 0 {
		t.Errorf("wrote %q", b.String())
	}
}

func BenchmarkRender(b *testing.B) {
	r := compared()
	r.Performance.Endpoints = nil
	for i := range 1000 {
		r.Performance.Endpoints = append(r.Performance.Endpoints,
			endpoint(fmt.Sprintf("/api/v1/things%d/{id}/parts", i), "GET", int64(1000+i), 3, 40, float64(2000-i)))
	}
	for _, format := range report.Formats() {
		b.Run(fmt.Sprintf("format=%s/endpoints=1000", format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out bytes.Buffer
				if err := report.Render(&out, r, format, report.Options{Width: 120, Color: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
