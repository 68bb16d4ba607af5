// Package server owns the life of `appmetrics serve`: which path goes where,
// the reverse proxy in front of the application, the application as a child
// process, listening and graceful shutdown. What is recorded, asked and stored
// is handed in; it opens no database and reads no configuration.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
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

// Options say what is served. Listen, API and Checker are needed; everything
// else may be left out.
type Options struct {
	Listen string // HOST:PORT; port 0 takes a free one

	API           http.Handler // /api/v1/metrics/, /api/v1/openapi.json, /api/docs
	Dashboard     http.Handler // the page, its assets and the tracker; nil claims no path
	DashboardPath string       // /NAME; empty is DefaultDashboardPath
	InjectTracker bool         // the pages of Upstream get the tracker's tag; needs Dashboard

	// Observe records requests of the observed application; ObserveSelf those
	// to the API of appmetrics when it stands in front of an application.
	// Without Upstream the API is the observed application.
	Observe, ObserveSelf Middleware

	Upstream       *url.URL      // http, https or h2c; nil serves appmetrics alone
	Command        []string      // starts the application behind Upstream; empty: it runs already
	CommandEnv     []string      // NAME=VALUE, in place of what this process has
	CommandTimeout time.Duration // for Upstream to answer after the start, DefaultCommandTimeout
	Stdin          *os.File      // of Command; nil is os.Stdin, and so on for the other two
	Stdout, Stderr *os.File

	// MaxConnections bounds how many connections are open at once, and with them
	// the requests: see connections. 0 is DefaultMaxConnections; it is never more
	// than half of the files that the process may open.
	MaxConnections int

	TrustedProxies  admin.TrustedProxies
	IdentityHeaders []string // by which they name users and groups, besides the X-Forwarded ones
	Checker         admin.Checker

	Started func(net.Addr)              // called by Run with the address once it serves; must return soon
	Ready   func(context.Context) error // nil error: ready; the text of an error is shown to anyone
	Flush   func(context.Context) error // writes what is queued; called last, and once
	Metrics *Metrics                    // the server's own figures; nil makes new ones

	Signals <-chan os.Signal // see NotifySignals; nil listens to none
	Grace   time.Duration    // for the whole of Stop, DefaultGrace
	Logger  *slog.Logger     // nil logs nothing
}

// Server serves the API, and either the application behind it or a start page.
// Its methods are safe for concurrent use.
type Server struct {
	opts     Options
	log      *slog.Logger
	http     *http.Server
	clients  *connections
	inflight *inflight
	proxy    *proxy // nil without an upstream

	// endStreams ends what would never end by itself: the contexts of all
	// requests descend from it.
	endStreams context.CancelCauseFunc

	mu       sync.Mutex
	listener net.Listener
	command  *command // nil without one, and before Start

	stopping sync.Once
	stopped  chan struct{} // closed when Stop is done
	stopErr  error         // of Stop, to be read once stopped is closed
	hurry    chan struct{} // closed by a second signal: stop at once
	failed   chan error    // the first error that ends serving
	running  sync.WaitGroup
}

// New checks the options and builds all handlers. It neither listens nor
// starts anything.
func New(opts Options) (*Server, error) {
	if opts.API == nil || opts.Checker == nil {
		return nil, errors.New("server needs an API and a Checker")
	}
	setDefaults(&opts)
	if err := checkUpstream(opts.Upstream, opts.Command); err != nil {
		return nil, err
	}
	if err := checkDashboardPath(opts.DashboardPath); err != nil {
		return nil, err
	}
	if opts.InjectTracker && opts.Dashboard == nil {
		return nil, errors.New("the tracker that is to be injected comes with a Dashboard")
	}

	requests, endStreams := context.WithCancelCause(context.Background())
	most := connectionBound(opts.MaxConnections, openFiles())
	s := &Server{
		opts:       opts,
		log:        opts.Logger,
		clients:    newConnections(most, opts.Logger),
		inflight:   newInflight(most, opts.Logger),
		endStreams: endStreams,
		stopped:    make(chan struct{}),
		hurry:      make(chan struct{}),
		failed:     make(chan error, 1),
	}
	if opts.Upstream != nil {
		s.proxy = newProxy(opts.Upstream, opts.TrustedProxies, opts.IdentityHeaders, opts.Logger)
		if len(opts.Command) > 0 {
			s.proxy.starting.Store(true)
		}
		if opts.InjectTracker {
			s.proxy.carryTracker(opts.DashboardPath+"/tracker.js", opts.Metrics)
		}
	}
	s.http = newHTTPServer(s.Handler(), opts.Logger)
	s.http.BaseContext = func(net.Listener) context.Context { return requests }
	s.http.ConnContext, s.http.ConnState = withConnection, lingers
	s.publish(opts.Metrics)
	return s, nil
}

func setDefaults(opts *Options) {
	if opts.DashboardPath == "" {
		opts.DashboardPath = DefaultDashboardPath
	}
	if opts.CommandTimeout <= 0 {
		opts.CommandTimeout = DefaultCommandTimeout
	}
	if opts.Grace <= 0 {
		opts.Grace = DefaultGrace
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Metrics == nil {
		opts.Metrics = NewMetrics()
	}
	unrecorded := func(next http.Handler) http.Handler { return next }
	if opts.Observe == nil {
		opts.Observe = unrecorded
	}
	if opts.ObserveSelf == nil {
		opts.ObserveSelf = unrecorded
	}
	if opts.Stdin == nil {
		opts.Stdin = os.Stdin
	}
	if opts.Stdout == nil {
		opts.Stdout = os.Stdout
	}
	if opts.Stderr == nil {
		opts.Stderr = os.Stderr
	}
}

func checkUpstream(upstream *url.URL, command []string) error {
	if upstream == nil {
		if len(command) > 0 {
			return errors.New("a command needs --upstream, the address at which it answers," +
				" for example --upstream http://127.0.0.1:3000")
		}
		return nil
	}
	switch upstream.Scheme {
	case "http", "https", "h2c":
	default:
		return fmt.Errorf("upstream %q: want http://, https:// or h2c:// and HOST:PORT", upstream.Redacted())
	}
	if upstream.Hostname() == "" || upstream.User != nil || upstream.RawQuery != "" || upstream.Fragment != "" {
		return fmt.Errorf("upstream %q: want SCHEME://HOST:PORT and at most a path", upstream.Redacted())
	}
	return nil
}
