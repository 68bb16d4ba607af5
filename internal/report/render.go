package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
)

// Format is a way to draw a report.
type Format string

// The formats of a report.
const (
	Table    Format = "table"
	JSON     Format = "json"
	CSV      Format = "csv"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Formats lists all formats, the default first.
func Formats() []Format { return []Format{Table, JSON, CSV, Markdown, HTML} }

// ParseFormat returns the format of that name; its error says which there are.
func ParseFormat(name string) (Format, error) {
	if format := Format(name); slices.Contains(Formats(), format) {
		return format, nil
	}
	var names []string
	for _, format := range Formats() {
		names = append(names, string(format))
	}
	return "", fmt.Errorf("unknown format %q; one of %s", name, strings.Join(names, ", "))
}

// Options says how to draw. The zero value draws without colours, as wide as
// the content wants.
type Options struct {
	// Color allows the table to use the 16 colours of a terminal. Whoever
	// writes to it decides, from the terminal and NO_COLOR.
	Color bool
	// Width is the number of cells that the table has; 0 for no limit.
	Width int
	// Section selects what CSV holds; empty for Endpoints.
	Section Section
	// Now is the time that HTML and Markdown name as the time of the report;
	// zero leaves it out.
	Now time.Time
}

// Render draws a report. Every byte that comes from outside passes through the
// sanitiser of its format. The only errors are those of w, of an unknown
// format or section, and of numbers that JSON cannot hold.
func Render(w io.Writer, r *Report, format Format, o Options) error {
	render := map[Format]func(io.Writer, *Report, Options) error{
		Table: renderTable, JSON: renderJSON, CSV: renderCSV, Markdown: renderMarkdown, HTML: renderHTML,
	}[format]
	if render == nil {
		_, err := ParseFormat(string(format))
		return err
	}
	buffered := bufio.NewWriter(w)
	if err := render(buffered, r, o); err != nil {
		return err
	}
	return buffered.Flush()
}

func renderJSON(w io.Writer, r *Report, _ Options) error {
	document, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	_, err = w.Write(append(text.JSON(document), '\n'))
	return err
}
