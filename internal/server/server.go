// Package server owns the life of `appmetrics serve`: which path goes where,
// the reverse proxy in front of the application, the application as a child
// process, listening and graceful shutdown. What is recorded, asked and stored
// is handed in; it opens no database and reads no configuration.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
)

// Defaults of Options.
const (
	DefaultDashboardPath  = "/metrics"
	DefaultGrace          = 10 * time.Second
	DefaultCommandTimeout = 60 * time.Second
)

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Options say what is served. API, Checker and Listen are needed; everything
// else may be left out.
type Options struct {
	Listen string // HOST:PORT; port 0 takes a free one

	API           http.Handler // /api/v1/metrics/, /api/v1/openapi.json, /api/docs
	Dashboard     http.Handler // the page, its assets and the tracker; nil claims no path
	DashboardPath string       // DefaultDashboardPath

	// Observe records requests of the observed application; ObserveSelf those
	// to the API of appmetrics when it stands in front of an application.
	// Without Upstream the API is the observed application.
	Observe, ObserveSelf Middleware

	Upstream       *url.URL      // http, https or h2c; nil serves appmetrics alone
	Command        []string      // starts the application behind Upstream; empty: it runs already
	CommandTimeout time.Duration // for Upstream to answer after the start, DefaultCommandTimeout
	Stdin          *os.File      // of Command; nil is os.Stdin, and so are the other two
	Stdout, Stderr *os.File

	TrustedProxies admin.TrustedProxies
	Checker        admin.Checker

	Ready   func(context.Context) error // nil error: ready; the text of an error is shown to anyone
	Flush   func(context.Context) error // writes what is queued; called last, and once
	Metrics *Metrics                    // the server's own figures; nil makes new ones

	Signals <-chan os.Signal // see NotifySignals; nil listens to none
	Grace   time.Duration    // for the whole of Stop, DefaultGrace
	Logger  *slog.Logger
}

// Server serves the API, and either the application behind it or a start page.
// Its methods are safe for concurrent use.
type Server struct {
	opts Options
	log  *slog.Logger
}

// New checks the options. It neither listens nor starts anything.
func New(opts Options) (*Server, error) {
	if opts.API == nil || opts.Checker == nil {
		return nil, errors.New("server needs an API and a Checker")
	}
	return &Server{opts: opts, log: opts.Logger}, nil
}

// Handler returns everything that the server answers.
func (s *Server) Handler() http.Handler { return http.NotFoundHandler() }

// Start listens and starts the command, and returns without waiting for it to
// answer. The errors are one line and say what to do.
func (s *Server) Start(context.Context) error { return nil }

// Addr returns the address that the server listens on, nil before Start.
func (s *Server) Addr() net.Addr { return nil }

// Stop stops accepting, lets requests end, stops the command, and then flushes
// what was recorded, all within Options.Grace. It is idempotent and waits.
func (s *Server) Stop(context.Context) error { return nil }

// Run starts the server, serves until ctx ends, a signal says so or the command
// exits, and stops it. exitCode is the command's (128 + n when signal n ended
// it) and 0 without one.
func (s *Server) Run(context.Context) (exitCode int, err error) { return 0, nil }

// NotifySignals returns the signals that Run acts on: TERM and INT stop the
// server; with a command HUP, USR1 and USR2 are passed on to it. stop ends the
// delivery.
func NotifySignals() (signals <-chan os.Signal, stop func()) { return nil, func() {} }
