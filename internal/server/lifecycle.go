package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Shares of Options.Grace, counted from the beginning of Stop, by which a step
// must be over.
const (
	drainShare   = 0.5  // requests in flight have ended
	commandShare = 0.77 // the command has ended, or is killed
	closeShare   = 0.82 // connections are closed
	flushShare   = 0.9  // what was recorded is written; the rest is for closing the database
)

// silentFor is how long a connection may stay without a request once the
// server stops.
const silentFor = 300 * time.Millisecond

// NotifySignals returns the signals that Run acts on: TERM and INT stop the
// server; HUP, USR1 and USR2 are passed on to the command, and HUP stops a
// server without one. stop ends the delivery.
func NotifySignals() (signals <-chan os.Signal, stop func()) {
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	for _, sig := range passedOn {
		if !signal.Ignored(sig) { // nohup wants HUP to stay without effect
			wanted = append(wanted, sig)
		}
	}
	c := make(chan os.Signal, 8)
	signal.Notify(c, wanted...)
	return c, func() { signal.Stop(c) }
}

// Start listens and starts the command, and returns without waiting for it to
// answer. The errors are one line and say what to do. Stop must be called
// afterwards, also when Start has failed.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	listener, err := listen(ctx, s.opts.Listen)
	if err != nil {
		return err
	}
	if s.proxy != nil && loops(listener.Addr(), s.proxy.upstream) {
		_ = listener.Close() // never used
		return fmt.Errorf("upstream %s is the address that appmetrics itself listens on;"+
			" give the application another port, or appmetrics with --listen", s.opts.Upstream.Host)
	}
	if len(s.opts.Command) > 0 {
		if err := s.startCommand(context.WithoutCancel(ctx)); err != nil {
			_ = listener.Close() // never used
			return err
		}
	}
	s.listener = listener
	if s.clients.most < s.opts.MaxConnections {
		s.log.Info("fewer connections than configured: this process may open too few files",
			"connections", s.clients.most, "configured", s.opts.MaxConnections, "files", openFiles())
	}
	s.running.Go(func() {
		if err := s.http.Serve(s.clients.limit(listener)); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("serve %s: %w", listener.Addr(), err))
		}
	})
	return nil
}

func (s *Server) startCommand(ctx context.Context) error {
	o := s.opts
	command, err := startCommand(o.Command, o.CommandEnv, o.Stdin, o.Stdout, o.Stderr)
	if err != nil {
		return err
	}
	s.command = command
	s.log.Info("application started", "command", o.Command[0], "pid", command.cmd.Process.Pid)
	s.running.Go(func() { s.awaitCommand(ctx, command) })
	return nil
}

// awaitCommand lets requests through once the application answers.
func (s *Server) awaitCommand(ctx context.Context, command *command) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.CommandTimeout)
	defer cancel()
	began := time.Now()
	upstream := net.JoinHostPort(s.proxy.upstream.Hostname(), port(s.proxy.upstream))
	switch err := command.waitForPort(ctx, upstream); {
	case err == nil:
		s.proxy.starting.Store(false)
		s.log.Info("application answers", "upstream", upstream, "took", time.Since(began))
	case errors.Is(err, errCommandEnded): // Run sees that by itself
	default:
		s.fail(fmt.Errorf("the command runs, but nothing answers at %s after %s;"+
			" --upstream must be the address that it listens on", upstream, s.opts.CommandTimeout))
	}
}

func (s *Server) fail(err error) {
	select {
	case s.failed <- err:
	default: // the first one counts
	}
}

// Addr returns the address that the server listens on, nil before Start.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Run starts the server, serves until ctx ends, a signal says so or the command
// ends, and stops it. exitCode is the command's (128 + n when signal n ended
// it) and 0 without one.
func (s *Server) Run(ctx context.Context) (exitCode int, err error) {
	sig := os.Signal(syscall.SIGTERM)
	if err = s.Start(ctx); err == nil {
		if s.opts.Started != nil {
			s.opts.Started(s.Addr())
		}
		sig, err = s.serve(ctx)
	}
	stopped := make(chan struct{})
	var listening sync.WaitGroup
	listening.Go(func() { s.hurryOnSignal(stopped) })
	err = errors.Join(err, s.stop(context.WithoutCancel(ctx), sig))
	close(stopped)
	listening.Wait()

	if command := s.startedCommand(); command != nil {
		exitCode = command.exitCode()
	}
	return exitCode, err
}

// serve returns when it is time to stop: the signal that the command is to be
// stopped with, and the error that made it necessary.
func (s *Server) serve(ctx context.Context) (os.Signal, error) {
	var ended <-chan struct{} // never, without a command
	command := s.startedCommand()
	if command != nil {
		ended = command.done
	}
	for {
		select {
		case sig := <-s.opts.Signals:
			if command == nil || !slices.Contains(passedOn, sig) {
				s.log.Info("stopping", "signal", sig.String())
				return sig, nil
			}
			if err := command.signal(sig); err != nil {
				s.log.Warn("signal not passed on", "signal", sig.String(), "error", err)
			}
		case <-ended:
			s.log.Info("application ended", "exit_code", command.exitCode())
			return syscall.SIGTERM, nil
		case err := <-s.failed:
			return syscall.SIGTERM, err
		case <-ctx.Done():
			return syscall.SIGTERM, nil
		}
	}
}

func (s *Server) startedCommand() *command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.command
}

// hurryOnSignal cuts the stopping short when someone asks a second time.
func (s *Server) hurryOnSignal(stopped <-chan struct{}) {
	for {
		select {
		case sig := <-s.opts.Signals:
			if !slices.Contains(passedOn, sig) {
				close(s.hurry)
				return
			}
		case <-stopped:
			return
		}
	}
}
