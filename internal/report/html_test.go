package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/report"
)

// allowed are the elements a page is made of; what loads or runs something is
// not among them.
var allowed = strings.Fields(`html head meta title style body main header section p h1 h2 dl div dt dd ul li
	figure figcaption svg line text path rect circle desc details summary table thead tbody tr th td
	span code bdi footer`)

var void = []string{"meta"}

// TestPageParses walks through the whole page: every element is known and
// closed, no attribute runs, loads or links anything, ids are unique and refer
// to each other.
func TestPageParses(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := render(t, r, report.HTML, report.Options{Now: end})
			var open []string
			ids, wanted := map[string]bool{}, []string{}
			walk(t, out, func(token xml.Token) {
				switch e := token.(type) {
				case xml.StartElement:
					if !slices.Contains(allowed, e.Name.Local) {
						t.Errorf("element %s", e.Name.Local)
					}
					for _, a := range e.Attr {
						checkAttribute(t, a)
						switch a.Name.Local {
						case "id":
							if ids[a.Value] {
								t.Errorf("id %s twice", a.Value)
							}
							ids[a.Value] = true
						case "aria-labelledby":
							wanted = append(wanted, strings.Fields(a.Value)...)
						}
					}
					open = append(open, e.Name.Local)
				case xml.EndElement:
					if len(open) == 0 || open[len(open)-1] != e.Name.Local {
						t.Fatalf("</%s> closes %v", e.Name.Local, open)
					}
					open = open[:len(open)-1]
				}
			})
			if len(open) > 0 {
				t.Errorf("not closed: %v", open)
			}
			for _, id := range wanted {
				if !ids[id] {
					t.Errorf("no element %s", id)
				}
			}
			if lower := strings.ToLower(out); strings.Contains(lower, "<script") ||
				strings.Contains(lower, "@import") || strings.Contains(lower, "url(") {
				t.Error("the page loads or runs something")
			}
		})
	}
}

func walk(t *testing.T, page string, visit func(xml.Token)) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, void, xml.HTMLEntity
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		visit(token)
	}
}

func checkAttribute(t *testing.T, a xml.Attr) {
	t.Helper()
	name := strings.ToLower(a.Name.Local)
	if strings.HasPrefix(name, "on") || slices.Contains([]string{"src", "href", "style", "action", "srcset", "xlink"}, name) {
		t.Errorf("attribute %s=%q", name, a.Value)
	}
	if strings.Contains(a.Value, "://") || strings.Contains(a.Value, "javascript:") {
		t.Errorf("attribute %s=%q refers elsewhere", name, a.Value)
	}
}

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

// TestWhatScrollsTakesTheKeyboard: what is wider than the page can be reached
// without a mouse (WCAG 2.1, 2.1.1), and says what it is.
func TestWhatScrollsTakesTheKeyboard(t *testing.T) {
	t.Parallel()
	scrolling := 0
	walk(t, render(t, compared(), report.HTML, report.Options{}), func(token xml.Token) {
		element, ok := token.(xml.StartElement)
		if !ok {
			return
		}
		attributes := map[string]string{}
		for _, a := range element.Attr {
			attributes[a.Name.Local] = a.Value
		}
		if attributes["class"] != "scroll" {
			return
		}
		scrolling++
		if attributes["tabindex"] != "0" || attributes["role"] != "region" || attributes["aria-label"] == "" {
			t.Errorf("no keyboard for %v", element.Attr)
		}
	})
	if scrolling < 6 {
		t.Errorf("%d parts scroll, want the charts and the tables", scrolling)
	}
}

var (
	block    = regexp.MustCompile(`:root \{([^}]*)\}`)
	variable = regexp.MustCompile(`--([a-z0-9]+): #([0-9a-f]{6})`)
)

// TestContrast computes the contrast of every colour with what lies below it
// (WCAG 2.1, 1.4.3 and 1.4.11), in the light, dark and printed page.
func TestContrast(t *testing.T) {
	t.Parallel()
	blocks := block.FindAllStringSubmatch(render(t, filled(), report.HTML, report.Options{}), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d palettes, want light, dark and print", len(blocks))
	}
	for i, found := range blocks {
		colors := map[string]float64{}
		for _, v := range variable.FindAllStringSubmatch(found[1], -1) {
			colors[v[1]] = luminance(t, v[2])
		}
		least := map[string]float64{
			"text": 4.5, "muted": 4.5, "good": 4.5, "warn": 4.5, "bad": 4.5,
			"p50": 3, "p95": 3, "p99": 3, "requests": 3, "failed": 3,
		}
		for name, want := range least {
			for _, below := range []string{"surface", "ground"} {
				if got := contrast(colors[name], colors[below]); got < want {
					t.Errorf("palette %d: %s on %s has %.2f, want %.1f", i, name, below, got, want)
				}
			}
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	total := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		total += weight * c
	}
	return total
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

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
