package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Stop stops accepting, lets requests end, stops the command, ends the streams
// and then flushes what was recorded, all within Options.Grace or until ctx
// ends. It is idempotent and waits.
func (s *Server) Stop(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.stop(syscall.SIGTERM) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop server: %w", ctx.Err())
	}
}

// stop does the work of Stop; sig is what the command is stopped with.
func (s *Server) stop(sig os.Signal) error {
	s.stopping.Do(func() {
		began := time.Now()
		s.stopErr = s.shutDown(began, sig)
		s.log.Info("stopped", "took", time.Since(began))
		close(s.stopped)
	})
	<-s.stopped
	return s.stopErr
}

func (s *Server) shutDown(began time.Time, sig os.Signal) error {
	by := func(share float64) (context.Context, context.CancelFunc) {
		return context.WithDeadline(context.Background(), began.Add(time.Duration(share*float64(s.opts.Grace))))
	}
	closing, cancel := by(closeShare)
	defer cancel()

	connections := make(chan error, 1)
	go func() { connections <- s.http.Shutdown(closing) }()
	defer time.AfterFunc(silentFor, s.inflight.closeSilent).Stop()

	s.drain(by, connections)
	s.stopCommand(by, sig)

	// Whatever still runs has no end of its own, or has had its time.
	s.endStreams()
	if err := s.inflight.wait(closing, none); err != nil {
		s.log.Warn("requests cut off", "error", err)
	}
	if err := <-connections; err != nil {
		_ = s.http.Close() // what it could not close is being cut off here
	}
	if s.proxy != nil {
		s.proxy.idle.CloseIdleConnections()
	}

	end, cancel := by(1)
	defer cancel()
	if s.opts.Flush != nil {
		if err := s.opts.Flush(end); err != nil {
			return fmt.Errorf("write what was recorded: %w", err)
		}
	}
	s.running.Wait()
	return nil
}

type deadlines func(share float64) (context.Context, context.CancelFunc)

// drain waits until every request but streams has been answered.
func (s *Server) drain(by deadlines, connections chan error) {
	ctx, cancel := by(drainShare)
	defer cancel()
	settled := make(chan error, 1)
	go func() { settled <- s.inflight.wait(ctx, onlyStreams) }()
	defer func() { cancel(); <-settled }()

	select {
	case err := <-connections: // every response has reached the network
		connections <- err
	case err := <-settled:
		settled <- err
		if errors.Is(err, context.DeadlineExceeded) {
			s.log.Warn("requests did not end in time")
		}
	case <-s.hurry:
	}
}

// stopCommand ends the command and everything that it has started.
func (s *Server) stopCommand(by deadlines, sig os.Signal) {
	command := s.startedCommand()
	if command == nil {
		return
	}
	ctx, cancel := by(commandShare)
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
