package report

import (
	"github.com/charmbracelet/lipgloss"

	"github.com/appmetrics/appmetrics/internal/text"
)

const barWidth = 16

func (t *terminal) grid(columns ...*column) {
	g := grid{Columns: columns, Header: t.palette.header}
	g.write(&t.Builder, t.width)
}

func (t *terminal) more(left int) {
	if words := more(left); words != "" {
		t.line(t.palette.faint, words)
	}
}

func (t *terminal) endpoints() {
	list := t.view.Performance.Endpoints
	if len(list) == 0 {
		return
	}
	n := int64(len(list))
	t.heading(text.Count(n) + plural(n, " endpoint", " endpoints, slowest first"))
	var (
		endpoint  = &column{Title: "Endpoint", Flexible: true}
		method    = &column{Title: "Method"}
		requests  = &column{Title: "Requests", Right: true, Drop: 6}
		requestsC = &column{Title: "±", Right: true, Drop: 1}
		average   = &column{Title: "Average", Right: true, Drop: 8}
		p50       = &column{Title: "p50", Right: true, Drop: 4}
		p95       = &column{Title: "p95", Right: true}
		p95C      = &column{Title: "±", Right: true, Drop: 7}
		p99       = &column{Title: "p99", Right: true, Drop: 5}
		rate      = &column{Title: "Errors", Right: true}
		rateC     = &column{Title: "±", Right: true, Drop: 2}
		users     = &column{Title: "Users", Right: true, Drop: 3}
	)
	plain, previous := t.palette.plain, previousEndpoints(t.view.Report)
	for _, e := range list {
		endpoint.add(text.Terminal(e.Endpoint), plain)
		method.add(text.Terminal(e.Method), plain)
		requests.add(text.Count(e.RequestCount), plain)
		average.add(text.Duration(e.AverageMS), plain)
		p50.add(text.Duration(e.P50MS), plain)
		p95.add(text.Duration(e.P95MS), plain)
		p99.add(text.Duration(e.P99MS), plain)
		rate.add(text.Percent(e.ErrorRate), t.rate(e.ErrorRate))
		users.add(text.Count(e.ActiveUsers), plain)
		if t.view.Params.Compare {
			c := compareEndpoint(e, previous)
			requestsC.add(c.Requests, t.palette.faint)
			p95C.add(c.P95, t.trend(c.P95Trend))
			rateC.add(c.ErrorRate, t.trend(c.ErrorTrend))
		}
	}
	if t.view.Params.Compare {
		t.grid(endpoint, method, requests, requestsC, average, p50, p95, p95C, p99, rate, rateC, users)
		return
	}
	t.grid(endpoint, method, requests, average, p50, p95, p99, rate, users)
}

// rate says how alarming a share of errors is.
func (t *terminal) rate(ratio float64) *lipgloss.Style {
	switch {
	case ratio >= badRate:
		return t.palette.bad
	case ratio >= warnRate:
		return t.palette.warn
	}
	return t.palette.plain
}

func (t *terminal) errors() {
	if len(t.view.Errors.Errors) == 0 {
		return
	}
	list, left := first(t.view.Errors.Errors)
	t.heading("Errors by type and endpoint")
	var (
		kind     = &column{Title: "Type"}
		endpoint = &column{Title: "Endpoint", Flexible: true}
		method   = &column{Title: "Method", Drop: 2}
		count    = &column{Title: "Count", Right: true}
		users    = &column{Title: "Users", Right: true, Drop: 3}
		last     = &column{Title: "Last seen (UTC)", Right: true, Drop: 1}
	)
	plain := t.palette.plain
	for _, e := range list {
		kind.add(text.Cut(text.Terminal(orNone(e.ErrorType, "no type")), 30), plain)
		endpoint.add(text.Terminal(e.Endpoint), plain)
		method.add(text.Terminal(e.Method), plain)
		count.add(text.Count(e.Count), plain)
		users.add(text.Count(e.UsersAffected), plain)
		last.add(stamp(e.LastSeen), plain)
	}
	t.grid(kind, endpoint, method, count, users, last)
	t.more(left)
	t.list(t.palette.faint, "status codes:", statusCodes(t.view.Report))
}

func (t *terminal) events() { t.shares("Events by type", "Type", "Events", "no type", t.view.Events) }
func (t *terminal) pages()  { t.shares("Page views", "Page", "Views", "no page", t.view.Pages) }

func (t *terminal) shares(heading, name, unit, nameless string, all []line) {
	if len(all) == 0 {
		return
	}
	list, left := first(all)
	t.heading(heading)
	var (
		names  = &column{Title: name, Flexible: true}
		counts = &column{Title: unit, Right: true}
		shares = &column{Title: "Share", Right: true, Drop: 2}
		bars   = &column{Title: "", Drop: 1}
	)
	plain := t.palette.plain
	for _, l := range list {
		names.add(text.Terminal(orNone(l.Name, nameless)), plain)
		counts.add(text.Count(l.Count), plain)
		shares.add(text.Percent(l.Share), plain)
		bars.add(text.Bar(l.Share, barWidth), t.palette.faint)
	}
	t.grid(names, counts, shares, bars)
	t.more(left)
}

func (t *terminal) elements() {
	if !t.view.ShowUse || len(t.view.Usage.Elements) == 0 {
		return
	}
	list, left := first(t.view.Usage.Elements)
	t.heading("Most used elements")
	var (
		element = &column{Title: "Element", Flexible: true}
		page    = &column{Title: "Page", Drop: 1}
		counts  = &column{Title: "Events", Right: true}
		users   = &column{Title: "Users", Right: true, Drop: 2}
	)
	plain := t.palette.plain
	for _, e := range list {
		element.add(text.Terminal(e.ElementID), plain)
		page.add(text.CutMiddle(text.Terminal(orNone(e.PageName, "no page")), 40), plain)
		counts.add(text.Count(e.Count), plain)
		users.add(text.Count(e.UniqueUsers), plain)
	}
	t.grid(element, page, counts, users)
	t.more(left)
}
