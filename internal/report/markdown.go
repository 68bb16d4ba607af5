package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
)

// markdown draws a report in GitHub's dialect of Markdown.
type markdown struct {
	strings.Builder
	view *view
}

func renderMarkdown(w io.Writer, r *Report, o Options) error {
	m := &markdown{view: newView(r)}
	m.header(o)
	if r.Empty() {
		m.WriteString("**No data available**\n\n")
		for _, h := range advice(r) {
			m.WriteString("- " + h.quoted("`") + "\n")
		}
	} else {
		m.cards()
		m.sparkline()
		m.endpoints()
		m.errors()
		m.shares("Events by type", "Type", "Events", "no type", m.view.Events)
		m.shares("Page views", "Page", "Views", "no page", m.view.Pages)
		m.elements()
	}
	_, err := io.WriteString(w, m.String())
	return err
}

func (m *markdown) header(o Options) {
	v := m.view
	fmt.Fprintf(&m.Builder, "# Application metrics: %s\n\n", text.Markdown(v.App))
	fmt.Fprintf(&m.Builder, "%s, %s", text.Markdown(capital(rangeName(v.Performance.Period))), v.Period)
	if v.Params.Endpoint != "" {
		fmt.Fprintf(&m.Builder, ", endpoint %s", text.MarkdownCode(v.Params.Endpoint))
	}
	for _, note := range []string{v.Complete, v.Anonymous} {
		if note != "" {
			m.WriteString(", " + note)
		}
	}
	if !o.Now.IsZero() {
		fmt.Fprintf(&m.Builder, ", made %s UTC", stamp(o.Now))
	}
	m.WriteString("\n\n")
}

// table writes a table whose cells are Markdown already; columns whose title
// ends in a colon are aligned to the right.
func (m *markdown) table(titles []string, rows [][]string) {
	rule := make([]string, len(titles))
	shown := make([]string, len(titles))
	for i, title := range titles {
		shown[i], rule[i] = title, "---"
		if name, right := strings.CutSuffix(title, ":"); right {
			shown[i], rule[i] = name, "---:"
		}
	}
	for _, row := range append([][]string{shown, rule}, rows...) {
		fmt.Fprintf(&m.Builder, "| %s |\n", strings.Join(row, " | "))
	}
	m.WriteByte('\n')
}

func (m *markdown) cards() {
	var titles, values, changes []string
	for _, c := range m.view.Cards {
		titles, changes = append(titles, c.Label+":"), append(changes, c.Change)
		values = append(values, c.noted("**"+c.Value+"**"))
	}
	rows := [][]string{values}
	if m.view.Params.Compare {
		rows = append(rows, changes)
	}
	m.table(titles, rows)
	if m.view.Params.Compare {
		fmt.Fprintf(&m.Builder, "%s.\n\n", capital(comparedWith(m.view.Report)))
	}
}

func (m *markdown) sparkline() {
	if len(overTime(m.view.Report)) == 0 {
		return
	}
	requests := series(m.view.Report, requestsOf, 0)
	fmt.Fprintf(&m.Builder, "Traffic `%s` %s\n\n",
		text.Sparkline(requests, widestSpark), perInterval(highest(requests), per(m.view.TimeSeries)))
}

func (m *markdown) endpoints() {
	if len(m.view.Performance.Endpoints) == 0 {
		return
	}
	m.WriteString("## Endpoints, slowest first\n\n")
	titles := []string{"Endpoint", "Method", "Requests:", "Average:", "p50:", "p95:", "p99:", "Errors:", "Users:"}
	compare, previous := m.view.Params.Compare, previousEndpoints(m.view.Report)
	if compare {
		titles = append(titles, "± requests:", "± p95:", "± errors:")
	}
	var rows [][]string
	for _, e := range m.view.Performance.Endpoints {
		row := []string{
			text.MarkdownCode(e.Endpoint), text.Markdown(e.Method), text.Count(e.RequestCount),
			text.Duration(e.AverageMS), text.Duration(e.P50MS), text.Duration(e.P95MS), text.Duration(e.P99MS),
			text.Percent(e.ErrorRate), text.Count(e.ActiveUsers),
		}
		if compare {
			c := compareEndpoint(e, previous)
			row = append(row, c.Requests, c.P95, c.ErrorRate)
		}
		rows = append(rows, row)
	}
	m.table(titles, rows)
}

func (m *markdown) errors() {
	if len(m.view.Errors.Errors) == 0 {
		return
	}
	m.WriteString("## Errors by type and endpoint\n\n")
	list, left := first(m.view.Errors.Errors)
	var rows [][]string
	for _, e := range list {
		rows = append(rows, []string{
			text.MarkdownCode(orNone(e.ErrorType, "no type")), text.MarkdownCode(e.Endpoint), text.Markdown(e.Method),
			text.Count(e.Count), text.Count(e.UsersAffected), stamp(e.LastSeen),
		})
	}
	m.table([]string{"Type", "Endpoint", "Method", "Count:", "Users:", "Last seen (UTC):"}, rows)
	m.more(left)
	fmt.Fprintf(&m.Builder, "Status codes: %s\n\n", strings.Join(statusCodes(m.view.Report), ", "))
}

func (m *markdown) shares(heading, name, unit, nameless string, all []line) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(&m.Builder, "## %s\n\n", heading)
	list, left := first(all)
	var rows [][]string
	for _, l := range list {
		rows = append(rows, []string{
			text.MarkdownCode(orNone(l.Name, nameless)), text.Count(l.Count), text.Percent(l.Share),
		})
	}
	m.table([]string{name, unit + ":", "Share:"}, rows)
	m.more(left)
}

func (m *markdown) elements() {
	if !m.view.ShowUse || len(m.view.Usage.Elements) == 0 {
		return
	}
	m.WriteString("## Most used elements\n\n")
	list, left := first(m.view.Usage.Elements)
	var rows [][]string
	for _, e := range list {
		rows = append(rows, []string{
			text.MarkdownCode(e.ElementID), text.MarkdownCode(orNone(e.PageName, "no page")),
			text.Count(e.Count), text.Count(e.UniqueUsers),
		})
	}
	m.table([]string{"Element", "Page", "Events:", "Users:"}, rows)
	m.more(left)
}

func (m *markdown) more(left int) {
	if words := more(left); words != "" {
		fmt.Fprintf(&m.Builder, "%s.\n\n", capital(words))
	}
}

// capital begins a sentence; words are our own and begin with ASCII.
func capital(words string) string { return strings.ToUpper(words[:1]) + words[1:] }
