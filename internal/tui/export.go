package tui

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
)

// mostNames is how many names are tried for one export.
const mostNames = 1000

// export lets the reader choose how what is shown is written to a file.
func (m *model) export() {
	content := m.screen().sheet(&m.shared)
	if len(content.Rows) == 0 {
		m.toast = "There is nothing to export yet"
		return
	}
	m.overlay = &choice{title: "Export", items: []string{"CSV", "JSON"}, pick: func(m *model, i int) tea.Cmd {
		write, ending := writeCSV, "csv"
		if i == 1 {
			write, ending = writeJSON, "json"
		}
		folder, at := m.options.Folder, m.now()
		return m.feed.under.command(func() tea.Msg { return exported(folder, content, at, ending, write) })
	}}
}

// exported writes a new file and says its name, or why there is none.
func exported(folder string, content sheet, at time.Time, ending string, write func(io.Writer, sheet) error) tea.Msg {
	var b bytes.Buffer
	if err := write(&b, content); err != nil {
		return toastMsg("Not exported: " + text.Terminal(err.Error()))
	}
	name := fmt.Sprintf("appmetrics-%s-%s", content.Name, at.UTC().Format("20060102T150405Z"))
	path, err := writeNew(filepath.Join(folder, name), "."+ending, b.Bytes())
	if err != nil {
		return toastMsg("Not exported: " + text.Terminal(err.Error()))
	}
	return toastMsg("Exported " + text.Count(int64(len(content.Rows))) + " rows to " + text.Terminal(path))
}

// writeNew writes a file that was not there before: PATH.csv, else PATH-2.csv,
// and so on.
func writeNew(path, ending string, content []byte) (name string, err error) {
	for i := 1; i <= mostNames; i++ {
		name = path + ending
		if i > 1 {
			name = path + "-" + strconv.Itoa(i) + ending
		}
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the folder is the user's
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(content)
		return name, errors.Join(err, file.Close())
	}
	return "", fmt.Errorf("%s%s: %w", path, ending, fs.ErrExist)
}

// writeCSV writes text through the sanitiser of CSV and numbers in full.
func writeCSV(w io.Writer, content sheet) error {
	rows := [][]string{content.Columns}
	for _, row := range content.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = csvCell(value)
		}
		rows = append(rows, cells)
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func csvCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return text.CSVCell(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// writeJSON writes a list of objects, whose members are in the order of the
// columns.
func writeJSON(w io.Writer, content sheet) error {
	var b bytes.Buffer
	b.WriteString("[")
	for i, row := range content.Rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  {")
		for j, value := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			if at, ok := value.(time.Time); ok {
				value = at.UTC()
				if at.IsZero() {
					value = nil
				}
			}
			cell, err := json.Marshal(value)
			if err != nil {
				return fmt.Errorf("%s: %w", content.Columns[j], err)
			}
			fmt.Fprintf(&b, "%q: %s", content.Columns[j], cell)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	_, err := w.Write(text.JSON(b.Bytes()))
	return err
}
