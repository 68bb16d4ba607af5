package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/demo"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// noon is the clock of every test: a Tuesday in the middle of an hour.
var noon = time.Date(2026, 3, 10, 12, 34, 56, 0, time.UTC)

// The states that every screen is drawn in.
const (
	filled = "filled" // two days of an order system
	empty  = "empty"  // a database without a row
	slow   = "loading"
	broken = "broken" // every question fails
)

// folder holds the databases, which all tests read.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "appmetrics-tui-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(closing{m}, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

// held are the databases that are open for as long as the tests run.
var held struct {
	sync.Mutex
	stores []*store.Store
}

// keepOpen leaves a database open until the last test has ended.
func keepOpen(s *store.Store) {
	held.Lock()
	defer held.Unlock()
	held.stores = append(held.stores, s)
}

// closing are tests after which the held databases are closed.
type closing struct{ *testing.M }

// Run implements goleak.TestingM.
func (m closing) Run() int {
	code := m.M.Run()
	for _, s := range held.stores {
		if err := s.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// seeded makes the database of the filled state once.
var seeded = sync.OnceValues(func() (string, error) {
	url := "sqlite://" + filepath.Join(folder, "filled.db")
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return "", err
	}
	defer s.Close()
	if _, err := s.MigrateUp(context.Background(), nil); err != nil {
		return "", err
	}
	appendBatch := func(ctx context.Context, b metric.Batch) error {
		_, err := s.Append(ctx, b)
		return err
	}
	err = demo.Fill(context.Background(), demo.History{Now: noon, Seed: 1, To: 50 * time.Hour, Append: appendBatch})
	if err != nil {
		return "", err
	}
	return url, appendBatch(context.Background(), hostile())
})

// hostile is names that attack a reader's terminal.
func hostile() metric.Batch {
	var b metric.Batch
	for i, endpoint := range []string{
		"/\x1b[31mred\x1b[2J", "/a\u202egpj.exe\u200b", "/注文/一覧/とても長い/エンドポイント",
		"/" + strings.Repeat("very/", 40) + "long",
	} {
		for n := range 20 {
			r := metric.Request{
				Timestamp: noon.Add(-time.Duration(n+1) * time.Hour), App: "intranet\x1b]0;owned\a", Endpoint: endpoint, Method: "GET",
				StatusCode: 200 + 300*(n%7/6), ResponseTimeMS: float64(100 * (i + n + 1)), UserID: fmt.Sprintf("user-%d\u202e", n%5),
			}
			r.ErrorType = metric.ErrorTypeFor(r.StatusCode)
			b.Requests = append(b.Requests, r)
		}
		b.Events = append(b.Events, metric.Event{
			Timestamp: noon.Add(-time.Duration(i+1) * time.Minute), App: "intranet\x1b]0;owned\a", EventType: "page_view",
			PageName: endpoint, UserID: "user-1", Success: true,
		})
	}
	return b
}

// engines are the sources of the states, opened once.
var engines = map[string]func() (query.Source, error){
	filled: sync.OnceValues(func() (query.Source, error) {
		url, err := seeded()
		if err != nil {
			return nil, err
		}
		return openEngine(url)
	}),
	empty: sync.OnceValues(func() (query.Source, error) {
		return openEngine("sqlite://" + filepath.Join(folder, "empty.db"))
	}),
}

// openEngine opens a database, for as long as the tests run.
func openEngine(url string) (query.Source, error) {
	s, err := store.Open(context.Background(), store.Options{URL: url, Now: func() time.Time { return noon }})
	if err != nil {
		return nil, err
	}
	keepOpen(s)
	if _, err := s.MigrateUp(context.Background(), nil); err != nil {
		return nil, err
	}
	return &remembering{source: query.New(query.Options{
		Store: s, Now: func() time.Time { return noon }, WarnRows: 800_000, LimitRows: 1_000_000,
	})}, nil
}

// sourceOf returns the source of a state.
func sourceOf(t testing.TB, state string) query.Source {
	t.Helper()
	name := filled
	if state == empty {
		name = empty
	}
	source, err := engines[name]()
	if err != nil {
		t.Fatal(err)
	}
	if state == broken {
		return away{}
	}
	return source
}

// driver drives a dashboard as the program's loop does, with a clock of its
// own, and runs its commands when told to.
type driver struct {
	*model
	t     testing.TB
	clock time.Time
	held  []tea.Cmd // not run yet
}

// drive opens the dashboard on the source of a state. In the state of loading
// no question is answered: they stay in held.
func drive(t testing.TB, state string, width, height int, change ...func(*Options)) *driver {
	t.Helper()
	d := &driver{t: t, clock: noon}
	source := sourceOf(t, state)
	o := Options{
		Open:  func(context.Context) (query.Source, func() error, error) { return source, nil, nil },
		Where: "metrics.db", Look: look.Options{Profile: termenv.Ascii, Dark: true},
		Now: func() time.Time { return d.clock }, Mouse: true, Folder: t.TempDir(),
	}
	for _, f := range change {
		f(&o)
	}
	d.model = newModel(t.Context(), o)
	d.after = func(time.Duration, tea.Msg) tea.Cmd { return nil } // tests say when a second is over
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.hold(d.Init())
	d.step()
	if state != slow {
		d.run()
	}
	return d
}

func (d *driver) send(msg tea.Msg) {
	_, command := d.Update(msg)
	d.hold(command)
}

func (d *driver) hold(command tea.Cmd) {
	if command != nil {
		d.held = append(d.held, command)
	}
}

// step runs the commands that are held, but not those that they lead to.
func (d *driver) step() {
	held := d.held
	d.held = nil
	for _, command := range held {
		d.deliver(command())
	}
}

func (d *driver) deliver(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, command := range msg {
			if command != nil {
				d.deliver(command())
			}
		}
	default:
		d.send(msg)
	}
}

// run runs all commands, and those that they lead to.
func (d *driver) run() {
	for len(d.held) > 0 {
		d.step()
	}
}

// press presses keys, such as "s", "tab" or "enter", and runs what they lead to.
func (d *driver) press(keys ...string) {
	for _, k := range keys {
		d.send(keyOf(k))
		d.run()
	}
}

func keyOf(name string) tea.KeyMsg {
	for kind := tea.KeyType(-60); kind < 200; kind++ {
		if k := (tea.Key{Type: kind}); kind != tea.KeyRunes && k.String() == name && name != "" {
			return tea.KeyMsg(k)
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// pass lets time go by, second by second.
func (d *driver) pass(seconds int) {
	for range seconds {
		d.clock = d.clock.Add(time.Second)
		d.send(tickMsg{})
		d.run()
	}
}

// colours draws with 256 colours, as most terminals do.
func colours(o *Options) { o.Look.Profile = termenv.ANSI256 }
