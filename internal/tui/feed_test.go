package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// watched is a source of which tests see who asks what, and that can be lost.
type watched struct {
	query.Source
	asked map[string]int
	ctx   context.Context // of the last question
	lost  error
}

func (w *watched) note(ctx context.Context, name string) error {
	w.asked[name]++
	w.ctx = ctx
	return w.lost
}

func (w *watched) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	if err := w.note(ctx, "performance"); err != nil {
		return nil, err
	}
	return w.Source.Performance(ctx, p)
}

func (w *watched) Usage(ctx context.Context, p query.UsageParams) (*query.Usage, error) {
	if err := w.note(ctx, "usage"); err != nil {
		return nil, err
	}
	return w.Source.Usage(ctx, p)
}

func (w *watched) Errors(ctx context.Context, p query.ErrorsParams) (*query.Errors, error) {
	if err := w.note(ctx, "errors"); err != nil {
		return nil, err
	}
	return w.Source.Errors(ctx, p)
}

// watch opens a dashboard of which the source is watched.
func watch(t *testing.T, change ...func(*Options)) (*driver, *watched) {
	t.Helper()
	w := &watched{Source: sourceOf(t, filled), asked: make(map[string]int)}
	return drive(t, filled, 120, 40, append(change, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return w, nil, nil }
	})...), w
}

func (d *driver) sees(words string) bool { return strings.Contains(ansi.Strip(d.View()), words) }

func (d *driver) wantSeen(words ...string) {
	d.t.Helper()
	for _, w := range words {
		if !d.sees(w) {
			d.t.Errorf("%q is not on the screen:\n%s", w, ansi.Strip(d.View()))
		}
	}
}

func (d *driver) wantUnseen(words ...string) {
	d.t.Helper()
	for _, w := range words {
		if d.sees(w) {
			d.t.Errorf("%q is on the screen:\n%s", w, ansi.Strip(d.View()))
		}
	}
}

func TestScreensAskWhatTheyShowAndShareAnswers(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	if w.asked["performance"] != 1 || w.asked["usage"] != 1 || w.asked["errors"] != 0 {
		t.Errorf("the overview asked %v", w.asked)
	}
	d.press("2", "1", "2")
	if w.asked["performance"] != 1 {
		t.Errorf("performance was asked %d times by two screens, want 1", w.asked["performance"])
	}
	d.press("4")
	if w.asked["errors"] != 1 {
		t.Errorf("the errors were asked %d times, want 1", w.asked["errors"])
	}
}

func TestNothingIsAskedWithoutBeingTold(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	d.pass(120)
	if w.asked["performance"] != 1 {
		t.Errorf("performance was asked %d times, want 1", w.asked["performance"])
	}
	if d.ticking {
		t.Error("a clock runs though nothing changes with time")
	}
	d.press("R")
	if w.asked["performance"] != 2 {
		t.Errorf("after a refresh, performance was asked %d times, want 2", w.asked["performance"])
	}
}

func TestARefreshIsSaidToBeUnderWay(t *testing.T) {
	t.Parallel()
	d, _ := watch(t)
	d.send(keyOf("R"))
	d.wantSeen("refreshing", "2,724")
	d.clock = d.clock.Add(time.Second)
	d.run()
	d.wantSeen("loaded 12:34:57")
	d.wantUnseen("refreshing")
}

func TestRefreshAsksEveryInterval(t *testing.T) {
	t.Parallel()
	d, w := watch(t, func(o *Options) { o.Refresh = 5 * time.Second })
	for i, want := range []int{1, 1, 1, 1, 2, 2, 2, 2, 2, 3} {
		d.pass(1)
		if got := w.asked["performance"]; got != want {
			t.Errorf("after %d s: asked %d times, want %d", i+1, got, want)
		}
	}
	if want := noon.Add(10 * time.Second); !d.scope.rng.End.Equal(want) {
		t.Errorf("the range ends at %s, want %s", d.scope.rng.End, want)
	}
}

func TestRefreshWaitsForASlowSource(t *testing.T) {
	t.Parallel()
	d := drive(t, slow, 120, 40, func(o *Options) { o.Refresh = time.Second })
	before := d.feed.tickets
	for range 5 {
		d.clock = d.clock.Add(time.Second)
		d.send(tickMsg{})
	}
	if d.feed.tickets != before {
		t.Errorf("%d questions were asked on top", d.feed.tickets-before)
	}
}

func TestSupersededQuestionsAreCancelled(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	d.send(keyOf("R")) // asks, but the answers do not come yet
	late := d.held
	d.held = nil
	d.press("c")
	for _, command := range late {
		d.deliver(command())
	}
	if w.ctx == nil || !errors.Is(w.ctx.Err(), context.Canceled) {
		t.Errorf("the context of a superseded question ended with %v, want %v", w.ctx.Err(), context.Canceled)
	}
	d.wantUnseen("unavailable", "lost")
	d.wantSeen("compared")
}

func TestALostSourceIsTriedAgain(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	w.lost = fmt.Errorf("read: %w", store.ErrUnavailable)
	d.press("R")
	var tries []int
	for second, last := 1, w.asked["performance"]; second <= 80; second++ {
		d.pass(1)
		if n := w.asked["performance"]; n != last {
			tries, last = append(tries, second), n
		}
	}
	if want := []int{1, 3, 8, 18, 48, 78}; !slices.Equal(tries, want) {
		t.Errorf("tried again after %v s, want %v", tries, want)
	}
	d.wantSeen("lost since 12:34:56, next try in 28 s", "2,724") // the old answer stays

	w.lost = nil
	d.press("R")
	d.wantUnseen("lost since")
	if d.pass(1); d.ticking {
		t.Error("a clock runs though nothing changes with time")
	}
}

func TestASourceThatIsBackIsAskedUpToNow(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	w.lost = store.ErrUnavailable
	d.press("R")
	d.pass(49)
	w.lost = nil
	d.pass(60)
	d.wantUnseen("lost since")
	if behind := d.clock.Sub(d.scope.rng.End); behind > time.Minute {
		t.Errorf("the range ends %s ago", behind)
	}
}

func TestALostSourceIsNotRefreshed(t *testing.T) {
	t.Parallel()
	d, w := watch(t, func(o *Options) { o.Refresh = 2 * time.Second })
	w.lost = store.ErrUnavailable
	d.pass(2)
	before := w.asked["performance"]
	d.pass(48)
	if got := w.asked["performance"] - before; got != 5 {
		t.Errorf("tried again %d times in 48 s, want 5", got)
	}
	w.lost = nil
	d.pass(31)
	before = w.asked["performance"]
	if d.pass(4); w.asked["performance"]-before != 2 {
		t.Errorf("refreshed %d times in 4 s, want 2", w.asked["performance"]-before)
	}
}

func TestWhatIsOldIsDimmed(t *testing.T) {
	t.Parallel()
	d, w := watch(t, colours)
	if !strings.Contains(d.View(), d.look.Paint(look.Strong, "2,724")) {
		t.Fatalf("a fresh figure is not strong:\n%q", d.View())
	}
	w.lost = store.ErrUnavailable
	d.press("R")
	if strings.Contains(d.View(), d.look.Paint(look.Strong, "2,724")) {
		t.Error("a figure that could not be refreshed looks as if it were new")
	}
	d.wantSeen("2,724")
}

func TestASlowSourceIsSaidToBeSlow(t *testing.T) {
	t.Parallel()
	d := drive(t, slow, 120, 40)
	d.wantSeen("Loading")
	wait := func(seconds int) {
		for range seconds {
			d.clock = d.clock.Add(time.Second)
			d.send(tickMsg{})
		}
	}
	wait(2)
	d.wantSeen("Calculating...")
	wait(9)
	d.wantSeen("Data temporarily unavailable", "no answer within 10.0 s", "next try in 1 s")
	d.send(keyOf("2")) // keys work all the while
	d.wantSeen("2 Endpoints")
}

func TestALateAnswerIsNotTaken(t *testing.T) {
	t.Parallel()
	d := drive(t, slow, 120, 40)
	late := d.held
	d.held = nil
	d.clock = d.clock.Add(askLimit + time.Second)
	d.send(tickMsg{})
	d.held = nil // nor do the next tries come back
	for _, command := range late {
		d.deliver(command())
	}
	d.wantUnseen("2,724")
}

func TestARefusalIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	d, w := watch(t)
	w.lost = admin.ErrForbidden
	d.press("R", "a", "esc")
	d.press("c") // a question without an old answer
	n := w.asked["performance"]
	d.pass(60)
	if w.asked["performance"] != n {
		t.Errorf("asked %d times more", w.asked["performance"]-n)
	}
	d.wantSeen(admin.ErrForbidden.Error())
	d.wantUnseen("temporarily")
}

func TestAnswersOfEarlierLoadsAreForgotten(t *testing.T) {
	t.Parallel()
	d, _ := watch(t)
	for range 50 {
		d.press("c", "i", "R", "2", "3", "4", "1")
	}
	if n := len(d.feed.entries); n > 16 {
		t.Errorf("%d answers are kept", n)
	}
}

func TestMessagesOfNobodyChangeNothing(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	before := d.View()
	type strange struct{}
	for _, msg := range []tea.Msg{strange{}, nil, answeredMsg{key: "none", ticket: 1}, tickMsg{}} {
		d.send(msg)
	}
	d.run()
	if d.View() != before {
		t.Error("the screen changed")
	}
}
