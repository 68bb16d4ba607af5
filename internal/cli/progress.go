package cli

import (
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressEvery is how often long work says how far it is where nobody watches.
const progressEvery = 10 * time.Second

// progress shows how far long work is: a bar with rate and remaining time on a
// terminal, a line in the log every 10 s elsewhere. Its methods are safe for
// concurrent use.
type progress struct {
	bar *progressbar.ProgressBar // nil without a terminal

	mu          sync.Mutex
	done, total int64

	stop func()
}

// startProgress begins to show work; the caller stops it.
func (r *run) startProgress(work, unit string) *progress {
	p := &progress{stop: func() {}}
	if r.ErrTerminal {
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(r.Err),
			progressbar.OptionSetDescription(work),
			progressbar.OptionSetItsString(unit),
			progressbar.OptionShowIts(),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionEnableColorCodes(!r.noColor),
			progressbar.OptionClearOnFinish(),
		)
		return p
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	p.stop = sync.OnceFunc(func() {
		close(quit)
		<-ended
	})
	go func() {
		defer close(ended)
		p.report(r.log, work, unit, quit)
	}()
	return p
}

// Update says that done of total units are done.
func (p *progress) Update(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
	if p.bar != nil {
		p.bar.ChangeMax64(total)
		// A bar that cannot be drawn must not stop the work.
		_ = p.bar.Set64(done)
	}
}

// Stop ends the display. It is idempotent.
func (p *progress) Stop() {
	p.stop()
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
}

func (p *progress) report(log *slog.Logger, work, unit string, quit <-chan struct{}) {
	began := time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-quit:
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		done, total := p.done, p.total
		p.mu.Unlock()
		rate := float64(done) / time.Since(began).Seconds()
		attrs := []any{"work", work, "unit", unit, "done", done, "total", total, "per_second", int64(rate)}
		if rate > 0 && total >= done {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			attrs = append(attrs, "remaining", left.Round(time.Second).String())
		}
		log.Info("progress", attrs...)
	}
}
