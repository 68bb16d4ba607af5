package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui"
)

// tuiOptions are the flags of tui.
type tuiOptions struct {
	rangeName, from, to string
	app                 string
	anonymous, compare  bool
	refresh             time.Duration
	utc                 bool
	noMouse, noBraille  bool
	theme               string
	asking              asking
}

// leastRefresh is how often a source may be asked for all that is shown.
const leastRefresh = time.Second

func newTUI(r *run) *cobra.Command {
	var o tuiOptions
	cmd := &cobra.Command{
		Use:   "tui",
		Short: "Look at the metrics in the terminal, by keyboard",
		Long: `Shows in the terminal what the dashboard shows in the browser: how fast the
application is, what fails, who uses what, and requests and events as they
arrive. It reads the database, or asks a running server with --server.

Press ? for the keys. Nothing loads by itself, except on the screen Live and
with --refresh. The clipboard is the terminal's own (OSC 52).

Where a Databricks workspace is configured, it is for administrators: your login
there (DATABRICKS_CONFIG_PROFILE, DATABRICKS_TOKEN, databricks auth login, ...)
has to be a member of a group of auth.admin_groups.

Exit codes: 0 done; 1 the database, server or workspace could not be reached;
2 it went wrong, or this is no terminal; 4 not logged in, or not an
administrator.`,
		Example: `  appmetrics tui
  appmetrics tui --range 7d --compare
  appmetrics tui --from 2026-01-05T00:00:00Z --to 2026-01-06T00:00:00Z --app shop
  appmetrics tui --refresh 5s --utc
  appmetrics tui --server https://metrics.example.com --token-file ~/.appmetrics-token`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.tui(cmd, o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.rangeName, "range", "", "`RANGE` until now: 24h, 7d, 30d or 90d (default 24h)")
	flags.StringVar(&o.from, "from", "", "start `TIME`, RFC 3339, instead of --range")
	flags.StringVar(&o.to, "to", "", "end `TIME`, RFC 3339, not included")
	flags.StringVar(&o.app, "app", "", "only the application with this `NAME`")
	flags.BoolVar(&o.anonymous, "include-anonymous", false, "count all anonymous requests together as one user more")
	flags.BoolVar(&o.compare, "compare", false, "show the change against the previous period")
	flags.DurationVar(&o.refresh, "refresh", 0, "load what is shown anew every `TIME`, such as 5s (default: when R is pressed)")
	flags.BoolVar(&o.utc, "utc", false, "show times in UTC instead of the zone of this machine")
	flags.BoolVar(&o.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	flags.BoolVar(&o.noBraille, "no-braille", false, "draw with ASCII alone: no braille, blocks or lines")
	flags.StringVar(&o.theme, "theme", themeAuto, "`GROUND` of the terminal: "+strings.Join(themes(), ", "))
	o.asking.flags(flags)
	suggest(cmd, "range", metric.RangeNames()...)
	suggest(cmd, "theme", themes()...)
	return cmd
}

func (r *run) tui(cmd *cobra.Command, o tuiOptions) error {
	period, err := metric.ParseRange(o.rangeName, o.from, o.to, r.now())
	if err != nil {
		return usageError(cmd, inFlags(err))
	}
	if err := o.asking.check(); err != nil {
		return usageError(cmd, err)
	}
	if o.refresh != 0 && o.refresh < leastRefresh {
		return usageError(cmd, fmt.Errorf("--refresh: %s is not allowed; %s or more", o.refresh, leastRefresh))
	}
	if !slices.Contains(themes(), o.theme) {
		return usageError(cmd, fmt.Errorf("--theme: %s is not allowed; one of %s", quote(o.theme), strings.Join(themes(), ", ")))
	}
	if !r.InTerminal || !r.OutTerminal {
		return &advisedError{err: errors.New("tui needs a terminal to draw on and to read keys from"), advice: "for a file or a pipe there is `appmetrics report`"}
	}
	zone := time.Local
	if o.utc {
		zone = time.UTC
	}
	appearance, ask := r.appearance(o.theme, o.noBraille)
	return r.quietly(func() error {
		return tui.Run(cmd.Context(), tui.Options{
			Open:      func(ctx context.Context) (query.Source, func() error, error) { return r.standing(ctx, o.asking) },
			Where:     r.where(o.asking),
			Range:     period,
			App:       o.app,
			Compare:   o.compare,
			Anonymous: o.anonymous,
			Zone:      zone,
			Refresh:   o.refresh,
			Mouse:     !o.noMouse,
			Look:      appearance,
			AskGround: ask,
			Now:       r.now,
			Out:       r.Out,
		})
	})
}

// where names what is asked: the host of a server, or the database without its
// password.
func (r *run) where(a asking) string {
	if a.server == "" {
		return r.settings.MaskedDatabaseURL()
	}
	if u, err := url.Parse(a.server); err == nil {
		return u.Host + strings.TrimSuffix(u.Path, "/")
	}
	return a.server
}
