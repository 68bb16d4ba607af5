package report

import (
	_ "embed" // the page and its style are files beside this one
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

var (
	//go:embed page.html.tmpl
	pageSource string
	//go:embed page.css
	pageStyle string
)

// page is what the template sees besides the view.
type page struct {
	*view
	Style     template.CSS
	Made      string
	Title     string
	RangeName string
	Advice    []hint
	Charts    []chart
	Points    []query.Point
	Endpoints []endpointRow
	Errors    []query.ErrorGroup
	Elements  []query.ElementUsage
	More      map[string]string
}

// endpointRow is one endpoint with its bar on the scale of all of them.
type endpointRow struct {
	query.EndpointPerformance
	Compare             *comparison
	From, Middle, Until string
	Level               string
}

// renderHTML writes one page that loads nothing: no script, no font, no image.
// Names pass through [text.Terminal] too, so that nothing invisible is left in
// them, and then through html/template.
func renderHTML(w io.Writer, r *Report, o Options) error {
	v := newView(r)
	p := &page{
		view: v, Style: template.CSS(pageStyle), Advice: advice(r), RangeName: rangeName(r.Performance.Period), //nolint:gosec // embedded
		Title: "Application metrics: " + v.App + ", " + rangeName(r.Performance.Period), More: map[string]string{},
	}
	if !o.Now.IsZero() {
		p.Made = stamp(o.Now) + " UTC"
	}
	if !r.Empty() {
		p.fill()
	}
	tmpl, err := template.New("page").Funcs(template.FuncMap{
		"name": text.Terminal, "count": text.Count, "ms": text.Duration, "percent": text.Percent,
		"optional": optional, "stamp": stamp, "capital": capital, "orNone": orNone,
		"pointTime":    func(q query.Point) string { return stampOf(r.TimeSeries, q.Timestamp) },
		"comparedWith": func() string { return comparedWith(r) },
		"statusCodes":  func() string { return strings.Join(statusCodes(r), ", ") },
		"per":          func() string { return per(r.TimeSeries) },
		"cells":        barLength,
	}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("read page template: %w", err)
	}
	return tmpl.Execute(w, p)
}

func (p *page) fill() {
	if p.Points = overTime(p.Report); len(p.Points) > 0 {
		p.Charts = []chart{latencyChart(p.Report), trafficChart(p.Report)}
	}
	p.Endpoints = endpointRows(p.Report)
	var left int
	p.Errors, left = first(p.view.Errors.Errors)
	p.More["errors"] = more(left)
	p.Events, left = first(p.Events)
	p.More["events"] = more(left)
	p.Pages, left = first(p.Pages)
	p.More["pages"] = more(left)
	if p.ShowUse {
		p.Elements, left = first(p.Usage.Elements)
		p.More["elements"] = more(left)
	}
}

// endpointRows lays p50, p95 and p99 of every endpoint on one logarithmic
// scale, on which both a cache hit and an export can be seen.
func endpointRows(r *Report) []endpointRow {
	low, high := math.Inf(1), 0.0
	for _, e := range r.Performance.Endpoints {
		low, high = min(low, max(e.P50MS, 0.01)), max(high, e.P99MS)
	}
	span := math.Log(high / low)
	at := func(ms float64) string {
		if !(span > 0) || ms <= low {
			return "0"
		}
		return position(100 * math.Log(ms/low) / span)
	}
	previous := previousEndpoints(r)
	var rows []endpointRow
	for _, e := range r.Performance.Endpoints {
		row := endpointRow{EndpointPerformance: e, From: at(e.P50MS), Middle: at(e.P95MS), Until: at(e.P99MS)}
		switch {
		case e.ErrorRate >= badRate:
			row.Level = "bad"
		case e.ErrorRate >= warnRate:
			row.Level = "warn"
		}
		if r.Params.Compare {
			c := compareEndpoint(e, previous)
			row.Compare = &c
		}
		rows = append(rows, row)
	}
	return rows
}

// barLength is a share in percent, but never so little that it cannot be seen.
func barLength(share float64) string { return position(max(100*share, 1)) }

// Class returns the classes of a change that goes this way.
func (t trend) Class() string { return strings.TrimSpace("change " + string(t)) }
