// Package tui owns the terminal dashboard: what it asks, which keys it knows
// and how its screens are laid out. It computes no metric, neither knows nor
// cares whether its source is a local database or a remote server, and leaves
// colours to look, drawing to chart and table, and words for numbers to text.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	_ "github.com/appmetrics/appmetrics/internal/tui/hush" // nobody asks the terminal before Run
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Options configure the dashboard. Open is required.
type Options struct {
	// Open connects to what answers the questions, and returns how to close
	// it. It is called once the first frame is on the screen; when its first
	// call fails, Run returns its error.
	Open func(context.Context) (query.Source, func() error, error)
	// Where names the source for the reader, as in "metrics.db".
	Where string
	// Range is what the dashboard starts with; zero means the last 24 hours.
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// Compare shows the change against the previous period of equal length.
	Compare bool
	// Anonymous counts all anonymous samples together as one user more.
	Anonymous bool
	// Zone is the zone of all times on the screen; nil means UTC.
	Zone *time.Location
	// Refresh is how often the shown screen asks anew; 0 means when told to.
	Refresh time.Duration
	// Mouse listens to the wheel and to clicks.
	Mouse bool
	// Look is what the terminal can show.
	Look look.Options
	// AskGround asks the terminal whether its ground is dark. Look says what
	// holds until it answers, if it does.
	AskGround bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// In and Out are the terminal; nil means standard input and output.
	In  io.Reader
	Out io.Writer
	// Folder is where exports are written; empty means the current one.
	Folder string
}

// Run shows the dashboard until its reader leaves it, ctx ends or a signal
// asks to. The terminal is as it was when Run returns. Its error is that of
// Open, when the source could not be opened at first, or says what broke.
func Run(ctx context.Context, o Options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	m := newModel(ctx, o)
	options := m.programOptions()
	var program *tea.Program
	if o.AskGround {
		options = append(options, tea.WithInput(keyboardOf(o.In, func(dark bool) { program.Send(groundMsg{dark}) })))
	}
	program = tea.NewProgram(m, options...)
	// The program is asked to quit, not killed: then it waits until nobody
	// reads its input any more.
	var asking sync.WaitGroup
	asking.Go(func() {
		<-ctx.Done()
		program.Quit()
	})
	_, err := program.Run()
	stop() // what is under way is given up
	asking.Wait()
	if err != nil {
		err = fmt.Errorf("show dashboard: %w", err)
	}
	return errors.Join(m.broken, err, m.feed.under.end())
}

func (m *model) programOptions() []tea.ProgramOption {
	options := []tea.ProgramOption{
		tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithOutput(m.terminal.writer()),
	}
	if m.options.In != nil {
		options = append(options, tea.WithInput(m.options.In))
	}
	if m.options.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	return options
}
