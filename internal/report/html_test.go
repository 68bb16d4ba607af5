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
