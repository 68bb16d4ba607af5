package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/report"
	"github.com/appmetrics/appmetrics/internal/text"
)

func TestTableKeepsToItsWidth(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, color := range []bool{false, true} {
			for width := 1; width <= 260; width++ {
				out := render(t, r, report.Table, report.Options{Width: width, Color: color})
				for line := range strings.Lines(out) {
					if got := text.Width(strings.TrimSuffix(line, "\n")); got > width {
						t.Fatalf("%s at width %d: %d cells in %q", name, width, got, line)
					}
				}
			}
		}
	}
}

// TestTableIsAligned holds all lines of each table in the report to one width.
func TestTableIsAligned(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, width := range []int{0, 40, 80, 100, 120, 200} {
			out := render(t, r, report.Table, report.Options{Width: width})
			rows := endpointsTable(out)
			if r.Empty() != (len(rows) == 0) {
				t.Fatalf("%s at width %d: %d rows", name, width, len(rows))
			}
			for _, row := range rows {
				if got, want := text.Width(row), text.Width(rows[0]); got != want {
					t.Errorf("%s at width %d: %d cells instead of %d in %q", name, width, got, want, row)
				}
			}
		}
	}
}

// TestTableShowsWhatItIsSortedBy: without the average, slowest first would look
// like no order at all.
func TestTableShowsWhatItIsSortedBy(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*report.Report{"filled": filled(), "compare": compared()} {
		for width := 54; width <= 120; width++ {
			out := render(t, r, report.Table, report.Options{Width: width})
			if header := endpointsTable(out)[0]; !strings.Contains(header, "Average") {
				t.Errorf("%s at width %d: %q", name, width, header)
			}
		}
	}
	if out := render(t, one(), report.Table, report.Options{}); !strings.Contains(out, "\n1 endpoint\n") {
		t.Errorf("one endpoint is in an order:\n%s", out)
	}
}

// TestTableHoldsEveryStatusCode: a rare code is the one that is looked for, and
// must not be what is cut at the edge.
func TestTableHoldsEveryStatusCode(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 30, 60, 80} {
		out := render(t, filled(), report.Table, report.Options{Width: width})
		for _, code := range []string{"status codes: 200 × 14,800", "304 × 247", "404 × 79", "422 × 12", "500 × 4", "503 × 92\n"} {
			if !strings.Contains(out, code) {
				t.Errorf("width %d: no %q in\n%s", width, code, out)
			}
		}
	}
}

var endpointsHeading = regexp.MustCompile(`(?m)^[0-9,]+ endpoints?(, slowest first)?\n`)

// endpointsTable returns the lines between the heading and the next empty line.
func endpointsTable(out string) []string {
	at := endpointsHeading.FindStringIndex(out)
	if at == nil {
		return nil
	}
	table, _, _ := strings.Cut(out[at[1]:], "\n\n")
	return strings.Split(strings.TrimSuffix(table, "\n"), "\n")
}

func TestColorOnlyWhenToldSo(t *testing.T) {
	t.Parallel()
	if out := render(t, hostile(), report.Table, report.Options{}); strings.Contains(out, "\x1b") {
		t.Errorf("escape sequence without colour: %q", out)
	}
	if out := render(t, filled(), report.Table, report.Options{Color: true}); !strings.Contains(out, "\x1b[") {
		t.Error("no escape sequence with colour")
	}
}
