package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/server"
	"github.com/appmetrics/appmetrics/internal/store"
)

func newServe(r *run) *cobra.Command {
	var demo bool
	cmd := &cobra.Command{
		Use:   "serve [flags] [-- COMMAND ARGS...]",
		Short: "Stand in front of an application, record its requests and answer questions",
		Long: `Listens, records every request, and passes it on to the application at
--upstream. With -- COMMAND it also starts that application, waits until it
answers, passes signals on, and ends with its exit code. Without --upstream it
only takes what is posted to it, and answers questions.

Who may see the metrics is decided by auth.mode; without one it listens on this
machine only. On Databricks Apps it listens where the platform sends requests,
and COMMAND finds the port of --upstream in DATABRICKS_APP_PORT, PORT and the
like, so that it needs no change.`,
		Example: `  appmetrics serve --demo
  appmetrics serve --upstream http://127.0.0.1:3000
  appmetrics serve --upstream http://127.0.0.1:3000 -- npm start`,
		RunE: func(cmd *cobra.Command, args []string) error {
			command, err := childCommand(cmd, args)
			if err != nil {
				return err
			}
			authenticated := !demo && r.settings.Auth.Mode != config.ModeLocal
			if err := admin.CheckListen(r.settings.Listen, authenticated); err != nil {
				return err
			}
			if cmd.Flags().Changed("inject-tracker") && r.settings.Upstream == nil && !demo {
				return usageError(cmd, errors.New("--inject-tracker needs --upstream, the application whose pages are meant"))
			}
			ctx := cmd.Context()
			if len(command) == 0 && !signal.Ignored(syscall.SIGHUP) {
				// A closed terminal is no reason to lose what is held. With a
				// command the signal is passed on instead.
				var ignore context.CancelFunc
				ctx, ignore = signal.NotifyContext(ctx, syscall.SIGHUP)
				defer ignore()
			}
			if demo {
				return r.serveDemo(ctx, cmd, command)
			}
			return r.serve(ctx, command)
		},
	}
	flags := cmd.Flags()
	setting(flags, "listen", "listen", "`ADDRESS` to listen on (default 127.0.0.1:8080; on Databricks Apps 0.0.0.0:$DATABRICKS_APP_PORT)")
	setting(flags, "app", "app", "`NAME` under which the application is stored (default \"default\")")
	setting(flags, "upstream", "upstream", "`URL` of the application to stand in front of")
	flags.Bool("auto-migrate", false, "bring the schema of a PostgreSQL database up to date")
	annotate(flags, "auto_migrate", "auto-migrate")
	flags.Bool("inject-tracker", false, "put the tracker into the HTML pages of the application")
	annotate(flags, "tracker.inject", "inject-tracker")
	flags.BoolVar(&demo, "demo", false, "serve a demo application with 90 days of data, in a database that is removed at exit")
	return cmd
}

// childCommand returns what stands after --.
func childCommand(cmd *cobra.Command, args []string) ([]string, error) {
	dash := cmd.ArgsLenAtDash()
	if dash < 0 {
		return nil, noArguments(cmd, args)
	}
	if err := noArguments(cmd, args[:dash]); err != nil {
		return nil, err
	}
	if len(args) == dash {
		return nil, usageError(cmd, errors.New("a command is missing after --"))
	}
	return args[dash:], nil
}

// serve serves the database and application of the settings.
func (r *run) serve(ctx context.Context, command []string) (err error) {
	a, err := r.access(ctx)
	if err != nil {
		return err
	}
	s, settle, err := r.openServed(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return r.serveStore(ctx, s, serving{
		access:   a,
		database: r.settings.MaskedDatabaseURL(),
		upstream: r.settings.Upstream,
		command:  command,
		alongside: func(ctx context.Context, p *pipeline, _ string) {
			if settle != nil {
				settle(ctx)
			}
			if err := r.refuseUnfinishedCopy(ctx, s); err != nil { // it was away before
				r.log.Error("stop this program and copy into an empty database: what it writes cannot be told from what is to come", "error", err)
				return
			}
			r.aggregateRegularly(ctx, s, p.metrics)
		},
	})
}

// serving is what differs between serving an application and the demo.
type serving struct {
	access   *access
	database string // as it is shown
	upstream *url.URL
	command  []string

	// alongside runs while the server does, and returns when ctx ends.
	alongside func(ctx context.Context, p *pipeline, address string)
}

func (r *run) serveStore(ctx context.Context, s *store.Store, o serving) (err error) {
	w, err := r.openSpool(s.Place())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(r.log)) }()
	p, err := r.newPipeline(s, w, o)
	if err != nil {
		return err
	}
	signals, ignore := server.NotifySignals()
	defer ignore()

	// Background work ends before the database is closed.
	var background sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer background.Wait()
	defer cancel()
	srv, err := server.New(server.Options{ //nolint:contextcheck // requests outlive ctx: they are let end
		Listen:          r.settings.Listen,
		MaxConnections:  r.settings.Limits.Connections,
		API:             p.api,
		Dashboard:       p.dashboard,
		DashboardPath:   r.settings.Dashboard.Path,
		InjectTracker:   r.settings.Tracker.Inject,
		Observe:         p.observe,
		ObserveSelf:     p.observeSelf,
		Upstream:        o.upstream,
		Command:         o.command,
		CommandEnv:      commandEnv(r.settings.Listen, o.upstream),
		TrustedProxies:  o.access.proxies,
		IdentityHeaders: append(slices.Clone(o.access.headers.User), o.access.headers.Groups),
		Checker:         o.access.checker,
		Ready:           ready(s, p.queue.Stats),
		Flush:           p.queue.Stop,
		Metrics:         p.metrics,
		Signals:         signals,
		Logger:          r.log,
		Started: func(address net.Addr) {
			url := "http://" + address.String()
			r.announce(s, w, o, url)
			background.Go(func() { r.watchLeftovers(ctx, w) })
			background.Go(func() { o.alongside(ctx, p, url) })
		},
	})
	if err != nil {
		return err
	}
	// The queue outlives ctx: Flush, called last, stops it.
	p.queue.Start(context.WithoutCancel(ctx))
	r.code, err = srv.Run(ctx)
	return err
}

// announce says where everything is: in a block for a person, in a line of the
// log elsewhere.
func (r *run) announce(s *store.Store, w waiting, o serving, address string) {
	proxied := "nothing: only its own addresses are answered"
	if o.upstream != nil {
		proxied = "everything else, to " + o.upstream.Redacted()
	}
	if !r.ErrTerminal {
		r.log.Info("serving", "address", address, "dashboard", address+r.settings.Dashboard.Path, "api", address+apiPath, "docs", address+docsPath,
			"engine", s.Engine(), "database", o.database, "spool", w.String(), "app", r.settings.App,
			"excluded", r.settings.Exclude, "proxied", proxied, "auth", o.access.mode, "admins", o.access.admins)
		return
	}
	// A line that cannot be shown is no reason to stop.
	_, _ = fmt.Fprintf(r.Err, `
  appmetrics serves %s

  dashboard %s
  API       %s
  docs      %s
  report    appmetrics report --server %s
  proxied   %s
  excluded  %s
  auth      %s: %s
  app       %s
  database  %s, %s
  spool     %s

`, address, address+r.settings.Dashboard.Path, address+apiPath, address+docsPath, address, proxied,
		strings.Join(r.settings.Exclude, " "), o.access.mode, o.access.admins, r.settings.App, s.Engine(), o.database, w)
}

const (
	apiPath  = "/api/v1/metrics"
	docsPath = "/api/docs"
)
