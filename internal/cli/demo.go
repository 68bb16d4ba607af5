package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/demo"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// demoSeed makes the demo the same on every machine.
const demoSeed = 90

// serveDemo serves the demo application on a database of its own that is
// removed at exit.
func (r *run) serveDemo(ctx context.Context, cmd *cobra.Command, command []string) (err error) {
	if err := demoAlone(cmd, command); err != nil {
		return err
	}
	// A signal that comes before the server listens to signals must not leave
	// the directory behind.
	ctx, ignore := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer ignore()
	dir, err := os.MkdirTemp("", "appmetrics-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	database := "sqlite://" + filepath.Join(dir, "appmetrics.db")
	r.settings.Spool.Path = filepath.Join(dir, "spool")
	s, err := r.openCurrent(ctx, database, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	// The last days are what a newcomer looks at first; the rest follows while
	// the server runs.
	now := r.now()
	p := r.startProgress("fill demo", "hours")
	err = fillDemo(ctx, s, now, 0, metric.RawRetention, p.Update)
	p.Stop()
	if err != nil {
		return err
	}
	upstream, stop, err := startDemoApp(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	a, err := r.localAccess() // the visitors say their names
	if err != nil {
		return err
	}
	return r.serveStore(ctx, s, serving{
		access:   a,
		database: database,
		upstream: upstream,
		alongside: func(ctx context.Context, p *pipeline, address string) {
			var visitors sync.WaitGroup
			defer visitors.Wait()
			visitors.Go(func() { r.visitDemo(ctx, p, address) })
			if err := r.fillPast(ctx, s, now); err != nil && ctx.Err() == nil {
				r.log.Error("demo history is incomplete", "error", err)
			}
			r.aggregateRegularly(ctx, s, p.metrics)
		},
	})
}

// demoAlone refuses what would mix the demo with something real.
func demoAlone(cmd *cobra.Command, command []string) error {
	for _, name := range []string{"database-url", "upstream"} {
		if cmd.Flags().Changed(name) {
			return usageError(cmd, fmt.Errorf("--demo brings its own database and application: leave out --%s", name))
		}
	}
	if len(command) > 0 {
		return usageError(cmd, errors.New("--demo brings its own application: leave out the command after --"))
	}
	return nil
}

// fillDemo writes the history between two ages.
func fillDemo(ctx context.Context, s *store.Store, now time.Time, from, to time.Duration, progress func(done, total int64)) error {
	return demo.Fill(ctx, demo.History{
		Now: now, Seed: demoSeed, From: from, To: to,
		Append: func(ctx context.Context, b metric.Batch) error {
			_, err := s.Append(ctx, b)
			return err
		},
		Progress: progress,
	})
}

// fillPast writes the history that is too old for raw rows, and makes summaries
// of each week at once, so that questions stay quick meanwhile.
func (r *run) fillPast(ctx context.Context, s *store.Store, now time.Time) error {
	const week = 7 * 24 * time.Hour
	p := r.startProgress("fill demo", "hours")
	defer p.Stop()
	for from := metric.RawRetention; from < metric.Retention; from += week {
		err := fillDemo(ctx, s, now, from, min(from+week, metric.Retention), func(done, _ int64) {
			p.Update(int64((from-metric.RawRetention).Hours())+done, int64((metric.Retention - metric.RawRetention).Hours()))
		})
		if err != nil {
			return err
		}
		if _, err := s.Retire(ctx, store.RetireRequest{RawBefore: now.Add(-metric.RawRetention)}); err != nil {
			return err
		}
	}
	return nil
}

// startDemoApp serves the demo application on a free port of this machine.
func startDemoApp(ctx context.Context) (*url.URL, func() error, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("demo application: %w", err)
	}
	srv := &http.Server{Handler: demo.NewApp(demoSeed), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	stop := func() error {
		err := srv.Close()
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			return errors.Join(err, ended)
		}
		return err
	}
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}, stop, nil
}

// visitDemo sends the visitors through the front door.
func (r *run) visitDemo(ctx context.Context, p *pipeline, address string) {
	client := &http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	demo.Visitors{
		URL:    address,
		Client: client,
		Sign: func(request *http.Request, user string) {
			if user != "" {
				request.Header.Set("X-Forwarded-Email", user)
			}
		},
		Accept: p.queue.Accept,
		Seed:   demoSeed,
		Now:    r.now,
		Logger: r.log,
	}.Run(ctx)
}
