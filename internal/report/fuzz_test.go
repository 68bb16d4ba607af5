package report_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"unicode"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/report"
	"github.com/appmetrics/appmetrics/internal/text"
)

// FuzzNames puts one name everywhere in a report and holds every format to
// printable characters, tables to their width, and the page to its elements.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"", "/orders", "\x1b[2J", "=1", "日本|`\\", "\u202e</td>", "e\u0301\u1112\u1161", "\xff{{.}}"} {
		f.Add(name, 60)
	}
	f.Fuzz(func(t *testing.T, name string, width int) {
		width = 1 + (width&0xFF)%200
		r := compared()
		r.Params.App = name
		r.Performance.Endpoints = []query.EndpointPerformance{endpoint(name, name, 1, 0, 1, 1)}
		r.Errors.Errors = []query.ErrorGroup{failure(name, name, name, 1, 1)}
		r.Usage.EventDistribution = map[string]int64{name: 1}
		r.Usage.PageViews = map[string]int64{name: 1}
		r.Usage.Elements = []query.ElementUsage{{PageName: name, ElementID: name, Count: 1}}
		for _, format := range report.Formats() {
			var b bytes.Buffer
			if err := report.Render(&b, r, format, report.Options{Width: width}); err != nil {
				t.Fatal(err)
			}
			for _, char := range b.String() {
				if char != '\n' && !unicode.IsPrint(char) {
					t.Fatalf("%s holds %U", format, char)
				}
			}
			switch format {
			case report.Table:
				for line := range strings.Lines(b.String()) {
					if got := text.Width(strings.TrimSuffix(line, "\n")); got > width {
						t.Fatalf("%d cells instead of %d in %q", got, width, line)
					}
				}
			case report.HTML:
				walk(t, b.String(), func(xml.Token) {})
			}
		}
	})
}
