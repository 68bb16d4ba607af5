package doctor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// step is a check to be made.
type step struct {
	group, name string
	// needs names the steps before this one without which it means nothing.
	needs []string
	check func(context.Context) finding
	// late is the finding when the check is not back in time; its message is
	// added. The zero finding takes the usual words.
	late finding
}

// finding is what a check found.
type finding struct {
	status        Status
	message, mend string
	// blocks says why the steps that need this one are skipped; empty lets
	// them be made. A failure blocks, unless it is bearable.
	blocks   string
	bearable bool
}

func passed(format string, args ...any) finding {
	return finding{status: Pass, message: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) finding {
	reason := fmt.Sprintf(format, args...)
	return finding{status: Skip, message: reason, blocks: reason}
}

func failed(mend, format string, args ...any) finding {
	return finding{status: Fail, message: fmt.Sprintf(format, args...), mend: mend}
}

// blocking says why the steps that need this one are skipped.
func (f finding) blocking(format string, args ...any) finding {
	f.blocks = fmt.Sprintf(format, args...)
	return f
}

// examine makes all steps, each as soon as those that it needs are made, and
// returns their outcomes in the order of the steps.
func examine(ctx context.Context, limit time.Duration, steps []step) []Check {
	findings := make([]finding, len(steps))
	done := make([]chan struct{}, len(steps))
	for i := range done {
		done[i] = make(chan struct{})
	}
	var all sync.WaitGroup
	for i, s := range steps {
		all.Go(func() {
			defer close(done[i])
			for _, name := range s.needs {
				needed := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
				<-done[needed]
				if reason := findings[needed].blocks; reason != "" {
					findings[i] = skipped("%s", reason)
					return
				}
			}
			findings[i] = bounded(ctx, limit, s)
		})
	}
	all.Wait()
	checks := make([]Check, len(steps))
	for i, f := range findings {
		checks[i] = Check{
			Name: steps[i].name, Status: f.status, Message: oneLine(f.message), Mend: oneLine(f.mend), group: steps[i].group,
		}
	}
	return checks
}

// bounded makes one step. One that panics fails, and so does one that is not
// back in time: it is left behind, because it may never come back and the
// others must be told of.
func bounded(ctx context.Context, limit time.Duration, s step) finding {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	back := make(chan finding, 1)
	go func() {
		defer func() {
			if value := recover(); value != nil {
				back <- failed("this is a defect of appmetrics: please report it", "the check broke off: %s", harmless(value))
			}
		}()
		back <- s.check(ctx)
	}()
	var f finding
	select {
	case f = <-back:
	case <-ctx.Done():
	}
	switch err := ctx.Err(); {
	case f.status == Pass || f.status == Skip:
	case errors.Is(err, context.Canceled):
		f = failed("run it again", "interrupted")
	case err != nil:
		late := failed("see whether it hangs, or the network does, and try again", "%s", context.Cause(ctx))
		if s.late.status != "" {
			late.mend, late.blocks = s.late.mend, s.late.blocks
		}
		f = late
	}
	if f.status == Fail && f.blocks == "" && !f.bearable {
		f.blocks = s.name + " failed"
	}
	return f
}

// harmless is what may be shown of a panic's value, which may hold anything.
func harmless(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", value)
}

func oneLine(words string) string { return strings.Join(strings.Fields(words), " ") }
