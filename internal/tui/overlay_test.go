package tui

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
)

func (d *driver) typed(words string) {
	for _, r := range words {
		d.press(string(r))
	}
}

func TestHelpOverlay(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, empty, size[0], size[1])
		d.press("?")
		golden(t, "help", empty, d)
		d.press("x")
		if d.overlay != nil {
			t.Error("a key did not close the help")
		}
	}
}

func TestHelpScrollsWhereItDoesNotFit(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, leastWidth, leastHeight)
	d.press("?")
	for range 60 {
		d.press("j")
		d.View()
	}
	if d.overlay == nil {
		t.Fatal("the help closed")
	}
	d.wantSeen("Ctrl-C")
}

func TestRangeOverlay(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, empty, size[0], size[1])
		d.press("t")
		golden(t, "range", empty, d)
		d.press("G", "enter")
		golden(t, "dates", empty, d)
	}
}

func TestRangesAreChosen(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("t", "j", "enter")
	if got := d.scope.rng; got.Name != "7d" || got.Duration() != 7*24*time.Hour || !got.End.Equal(noon) {
		t.Errorf("the range is %s, want 7 days up to now", got)
	}
	d.wantSeen("last 7 days", "loaded 12:34:56")
	d.press("t", "esc")
	if d.overlay != nil || d.scope.rng.Name != "7d" {
		t.Error("Esc did not leave the range as it was")
	}
}

func TestCustomRangesAreRefusedInTheWordsOfTheContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"future":   {"2026-03-09", "2026-03-12", "Cannot query future dates"},
		"backward": {"2026-03-09", "2026-03-08", "Start date must be before end date"},
		"long":     {"2025-11-01", "2026-03-01", "Maximum time range is 90 days"},
		"old":      {"2025-11-01", "2025-12-20", "Data retention is 90 days; earliest queryable date is 2025-12-10T12:34:56Z"},
		"words":    {"yesterday", "2026-03-08", "From: not a time"},
		"missing":  {"2026-03-08", "", "Both ends are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, filled, 120, 40)
			d.press("t", "G", "enter", "ctrl+u")
			d.typed(c.from)
			d.press("tab", "ctrl+u")
			d.typed(c.to)
			d.press("enter")
			d.wantSeen(c.want)
			if d.scope.rng.Name != "24h" {
				t.Errorf("the range became %s", d.scope.rng)
			}
		})
	}
}

func TestCustomRangeIsTaken(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("t", "G", "enter", "ctrl+u")
	d.typed("2026-03-09")
	d.press("tab", "ctrl+u")
	d.typed("2026-03-10T06:00:00Z")
	d.press("enter")
	want, err := metric.ParseRange("", "2026-03-09", "2026-03-10T06:00:00Z", noon)
	if err != nil {
		t.Fatal(err)
	}
	if d.scope.rng != want {
		t.Errorf("the range is %s, want %s", d.scope.rng, want)
	}
	d.wantSeen("2026-03-09 00:00 – 2026-03-10 06:00")
	d.clock = d.clock.Add(time.Hour)
	d.press("R")
	if d.scope.rng != want {
		t.Errorf("a refresh moved the range to %s", d.scope.rng)
	}
}

func TestAppsAreChosenAndShownSafely(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("a")
	d.wantSeen("every app", `intranet\x1b]0;owned\x07`)
	d.press("G", "enter")
	if d.scope.app != "intranet\x1b]0;owned\a" {
		t.Errorf("the app is %q", d.scope.app)
	}
	d.wantSeen(`intranet\x1b]0;owned\x07`, "loaded")
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60, func(o *Options) { o.Zone = time.FixedZone("MST", -7*3600) })
	d.wantSeen("MST", "05:34:56")
	d.press("c", "i", "z")
	d.wantSeen("compared", "with anonymous", "UTC", "12:34:56")
	d.press("c", "i", "z")
	d.wantUnseen("compared", "with anonymous")
	d.wantSeen("MST")
}

func TestExportsAreNewFiles(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	for range 2 {
		d.press("e", "enter")
	}
	d.press("e", "j", "enter")
	files, err := filepath.Glob(filepath.Join(d.options.Folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	const stem = "appmetrics-overview-20260310T123456Z"
	if want := []string{stem + "-2.csv", stem + ".csv", stem + ".json"}; !slices.Equal(files, want) {
		t.Fatalf("wrote %q, want %q", files, want)
	}
	d.wantSeen("Exported 25 rows to ")
	csvFile, err := os.ReadFile(filepath.Join(d.options.Folder, stem+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(csvFile))).ReadAll()
	if err != nil || len(rows) != 26 || rows[1][0] != "2026-03-09T12:00:00Z" {
		t.Errorf("the CSV begins with %q, error %v", rows[:2], err)
	}
	jsonFile, err := os.ReadFile(filepath.Join(d.options.Folder, stem+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	if err := json.Unmarshal(jsonFile, &objects); err != nil || len(objects) != 25 || objects[0]["timestamp"] != "2026-03-09T12:00:00Z" {
		t.Errorf("the JSON is %s, error %v", jsonFile[:min(len(jsonFile), 300)], err)
	}
}

func TestExportsAreSanitised(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	hostile := sheet{Columns: []string{"endpoint"}, Rows: [][]any{{"=HYPERLINK(\"x\")"}, {"\x1b[2J"}, {nil}}}
	if err := writeCSV(&b, hostile); err != nil {
		t.Fatal(err)
	}
	if want := "endpoint\n\"'=HYPERLINK(\"\"x\"\")\"\n\\x1b[2J\n\"\"\n"; b.String() != want && b.String() != strings.ReplaceAll(want, "\"\"\n", "\n") {
		t.Errorf("CSV %q, want %q", b.String(), want)
	}
	b.Reset()
	if err := writeJSON(&b, hostile); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(b.String(), 0x1b) {
		t.Errorf("the JSON holds an escape: %q", b.String())
	}
}

func TestAnExportThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40, func(o *Options) { o.Folder = "/dev/null/nowhere" })
	d.press("e", "enter")
	d.wantSeen("Not exported: ")
	empty := drive(t, slow, 120, 40)
	empty.send(keyOf("e"))
	empty.wantSeen("nothing to export")
}

func TestCopiesReachTheTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	d := drive(t, filled, 120, 40, func(o *Options) { o.Out = &out })
	d.press("y")
	d.wantSeen("Nothing is selected")
	d.press("left", "y")
	d.wantSeen("Copied 2026-03-10T12:00:00Z")
	if want := "\x1b]52;c;MjAyNi0wMy0xMFQxMjowMDowMFo=\x07"; out.String() != want {
		t.Errorf("the terminal got %q, want %q", out.String(), want)
	}
}

func TestQuitting(t *testing.T) {
	t.Parallel()
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"?", "ctrl+c"}, {"t", "ctrl+c"}} {
		d := drive(t, filled, 80, 24)
		for _, k := range keys {
			d.send(keyOf(k))
		}
		if last := d.held[len(d.held)-1](); !quits(last) {
			t.Errorf("%v leads to %T", keys, last)
		}
	}
}

func quits(msg tea.Msg) bool {
	if batch, ok := msg.(tea.BatchMsg); ok {
		return slices.ContainsFunc(batch, func(c tea.Cmd) bool { return c != nil && quits(c()) })
	}
	_, quit := msg.(tea.QuitMsg)
	return quit
}

func TestOpeningFails(t *testing.T) {
	t.Parallel()
	m := newModel(t.Context(), Options{Now: func() time.Time { return noon }})
	if m.Update(openedMsg{err: os.ErrNotExist}); m.broken == nil {
		t.Error("the error is lost")
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	click := func(x, y int) {
		d.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		d.run()
	}
	click(15, tabLine)
	if d.current != 1 {
		t.Errorf("a click on the second tab shows screen %d", d.current)
	}
	click(100, tabLine)
	if d.current != 1 {
		t.Error("a click beside the tabs changed the screen")
	}
	d.press("t")
	click(0, 0)
	if d.overlay != nil {
		t.Error("a click beside the box did not close it")
	}
	d.press("t")
	box := d.overlay.box(&d.shared, d.width, d.height)
	x, y := corner(box, d.width, d.height)
	click(x+3, y+2)
	if d.scope.rng.Name != "7d" {
		t.Errorf("a click on the second range chose %s", d.scope.rng)
	}
}
