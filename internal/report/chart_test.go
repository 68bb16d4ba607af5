package report_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/report"
)

// TestChartsAreDescribed: whoever cannot see a chart gets its title, its
// meaning in words and its figures in a table.
func TestChartsAreDescribed(t *testing.T) {
	t.Parallel()
	out := render(t, filled(), report.HTML, report.Options{})
	if got := strings.Count(out, `role="img"`); got != 2 {
		t.Errorf("%d charts, want 2", got)
	}
	for _, want := range []string{
		`<title id="latency-title">Response time</title>`, `p99 reaches 2.06 s`,
		`<title id="traffic-title">Traffic</title>`, `at most 1,220 requests`,
		`<th scope="row">2026-03-17 15:00</th><td class="n">1,179</td><td class="n">104</td>`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestTrafficCountsInWholeRequests: half a request is nothing to label an axis
// with, nor is the same number twice.
func TestTrafficCountsInWholeRequests(t *testing.T) {
	t.Parallel()
	label := regexp.MustCompile(`<text class="y"[^>]*>([^<]*)</text>`)
	for most, want := range map[int64][]string{
		1: {"0", "1"}, 2: {"0", "1", "2"}, 3: {"0", "1", "2", "3"}, 7: {"0", "2", "4", "6", "8"},
		12: {"0", "5", "10", "15"}, 1220: {"0", "250", "500", "750", "1k", "1.25k"},
	} {
		r := filled()
		r.TimeSeries.DataPoints = r.TimeSeries.DataPoints[:1]
		r.TimeSeries.DataPoints[0].TotalRequests = most
		_, out, _ := strings.Cut(render(t, r, report.HTML, report.Options{}), `<title id="traffic-title">`)
		var got []string
		for _, found := range label.FindAllStringSubmatch(out, -1) {
			got = append(got, found[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("up to %d requests: %q, want %q", most, got, want)
		}
	}
}

// TestOneRequest is one request, not one requests.
func TestOneRequest(t *testing.T) {
	t.Parallel()
	r := filled()
	r.Performance.Metrics.TotalRequests, r.Performance.Metrics.ErrorCount = 1, 1
	r.TimeSeries.DataPoints = r.TimeSeries.DataPoints[:1]
	point := r.TimeSeries.DataPoints[0].PerformancePoint
	point.TotalRequests, point.ErrorCount, point.ErrorRate = 1, 1, 1
	out := render(t, r, report.HTML, report.Options{})
	for _, want := range []string{"at most 1 request and 1 error.", ": 1 request, 1 error (100%)", `<dd class="note">1 request</dd>`} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestLonePointsAreSeen: an hour with requests between hours without makes no
// line, and would be gone between the dashes of one.
func TestLonePointsAreSeen(t *testing.T) {
	t.Parallel()
	path := regexp.MustCompile(`<path class="([a-z]+ p[0-9]+)" d="([^"]*)"`)
	for name, test := range map[string]struct {
		hours       []int
		lines, dots int
	}{
		"the only one":   {[]int{5}, 0, 1},
		"the last":       {[]int{1, 2, 23}, 1, 1},
		"two":            {[]int{3, 8}, 0, 2},
		"three together": {[]int{4, 5, 6}, 1, 0},
		"none":           {nil, 0, 0},
	} {
		r := filled()
		for i, nothing := range empty().TimeSeries.DataPoints {
			if !slices.Contains(test.hours, i) {
				r.TimeSeries.DataPoints[i] = nothing
			}
		}
		drawn := map[string]int{}
		for _, found := range path.FindAllStringSubmatch(render(t, r, report.HTML, report.Options{}), -1) {
			drawn[found[1]] = strings.Count(found[2], "M")
		}
		for _, p := range []string{"p50", "p95", "p99"} {
			if drawn["line "+p] != test.lines || drawn["dot "+p] != test.dots {
				t.Errorf("%s: %v, want %d lines and %d dots", name, drawn, test.lines, test.dots)
			}
		}
	}
}

// TestChartsStayInside draws charts of all sizes and looks for coordinates
// outside of the drawing.
func TestChartsStayInside(t *testing.T) {
	t.Parallel()
	path := regexp.MustCompile(`<path class="([^"]*)" d="([^"]*)"`)
	command := regexp.MustCompile(`[MLHVhZ][^MLHVhZ]*`)
	hover := regexp.MustCompile(`<rect class="hover" x="([^"]*)" y="10" width="([^"]*)"`)
	for _, points := range []int{0, 1, 2, 24, 336} {
		for _, most := range []float64{1e-9, 0.3, 1, 999, 1e9} {
			out := render(t, reaching(points, most), report.HTML, report.Options{})
			within := func(what, word string, low, high float64) {
				if x, err := strconv.ParseFloat(word, 64); err != nil || !(low <= x && x <= high) {
					t.Fatalf("%d points up to %g: %q is not from %g to %g in %s", points, most, word, low, high, what)
				}
			}
			for _, found := range path.FindAllStringSubmatch(out, -1) {
				for _, c := range command.FindAllString(found[2], -1) {
					x, y, both := strings.Cut(c[1:], " ")
					switch c[0] {
					case 'M', 'L':
						within(found[1], x, 58, 550)
						if !both {
							t.Fatalf("%q in %s", c, found[1])
						}
						within(found[1], y, 10, 194)
					case 'H':
						within(found[1], x, 58, 550)
					case 'V':
						within(found[1], x, 10, 194)
					}
				}
			}
			hovers := hover.FindAllStringSubmatch(out, -1)
			if len(hovers) != 2*points {
				t.Errorf("%d columns to point at, want %d", len(hovers), 2*points)
			}
			for _, found := range hovers {
				within("hover", found[1], 58, 550)
				within("hover", found[2], 0, 492)
			}
		}
	}
}

// reaching is a report of some points whose figures reach most.
func reaching(points int, most float64) *report.Report {
	r := filled()
	r.TimeSeries.DataPoints = nil
	for i := range points {
		p := filled().TimeSeries.DataPoints[i%24]
		if p.P50MS != nil {
			*p.P50MS, *p.P95MS, *p.P99MS = most/3, most/2, most
			p.TotalRequests, p.ErrorCount = int64(most), int64(most/2)
		}
		r.TimeSeries.DataPoints = append(r.TimeSeries.DataPoints, p)
	}
	return r
}
