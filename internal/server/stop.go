package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// errStopping is why requests end that a stopping server cuts off.
var errStopping = errors.New("the server stops")

// Stop stops accepting, lets requests end, stops the command, ends the streams
// and then flushes what was recorded, all within Options.Grace or until ctx
// ends. It is idempotent and waits.
func (s *Server) Stop(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.stop(context.WithoutCancel(ctx), syscall.SIGTERM) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop server: %w", ctx.Err())
	}
}

// stop does the work of Stop; sig is what the command is stopped with.
func (s *Server) stop(ctx context.Context, sig os.Signal) error {
	s.stopping.Do(func() {
		began := time.Now()
		s.stopErr = s.shutDown(ctx, began, sig)
		if s.Addr() != nil { // otherwise it never ran, and the error says why
			s.log.Info("stopped", "took", time.Since(began))
		}
		close(s.stopped)
	})
	<-s.stopped
	return s.stopErr
}

// shutDown does the steps in order. Each has a share of the time, counted from
// the beginning; what a step leaves of it, the next one has.
func (s *Server) shutDown(ctx context.Context, began time.Time, sig os.Signal) error {
	defer s.running.Wait()
	by := func(share float64) time.Time {
		return began.Add(time.Duration(share * float64(s.opts.Grace)))
	}
	closing, cancel := context.WithDeadline(ctx, by(closeShare))
	defer cancel()

	connections := make(chan error, 1)
	go func() { connections <- s.http.Shutdown(closing) }()
	defer time.AfterFunc(silentFor, s.clients.closeFresh).Stop()

	s.drain(ctx, by(drainShare), connections)
	s.stopCommand(ctx, by(commandShare), sig)

	// Whatever still runs has no end of its own, or has had its time.
	s.endStreams(errStopping)
	if err := s.inflight.wait(closing, none); err != nil {
		s.log.Warn("requests cut off", "error", err)
	}
	if err := <-connections; err != nil {
		_ = s.http.Close() // what it could not close is being cut off here
	}
	if s.proxy != nil {
		s.proxy.idle.CloseIdleConnections()
	}

	if s.opts.Flush == nil {
		return nil
	}
	end, cancel := context.WithDeadline(ctx, by(flushShare))
	defer cancel()
	if err := s.opts.Flush(end); err != nil {
		return fmt.Errorf("write what was recorded: %w", err)
	}
	return nil
}

// drain waits until every request but streams has been answered.
func (s *Server) drain(ctx context.Context, deadline time.Time, connections chan error) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		if err := s.inflight.wait(ctx, onlyStreams); errors.Is(err, context.DeadlineExceeded) {
			s.log.Warn("requests did not end in time")
		}
	}()
	select {
	case err := <-connections: // every response has reached the network
		connections <- err
	case <-settled:
	case <-s.hurry:
	}
	cancel()
	<-settled
}

// stopCommand ends the command and everything that it has started.
func (s *Server) stopCommand(ctx context.Context, deadline time.Time, sig os.Signal) {
	command := s.startedCommand()
	if command == nil {
		return
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-s.hurry:
			cancel()
		case <-over:
		}
	}()
	command.stop(ctx, sig)
}
