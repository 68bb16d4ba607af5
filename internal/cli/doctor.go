package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/doctor"
	"github.com/appmetrics/appmetrics/internal/lakebase"
	"github.com/appmetrics/appmetrics/internal/store"
)

func newDoctor(r *run) *cobra.Command {
	var format, bundle string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check whether everything is in order, and say how to mend what is not",
		Long: `Checks whether everything that appmetrics needs is in order, and says under each
check that failed how to mend it. It changes nothing: no database is created, no
migration applied, nothing in the workspace touched, and what it writes to try a
disk is gone at once. Run it wherever serve or aggregate is to run, as the same
user.

  configuration  serve would start with these settings
  port           the address to listen on is free, or appmetrics serves there
  spool          samples may wait on disk, which has room, and none do that no
                 process stores
  database       it can be reached, or will be created
  tls            connections that leave this machine are encrypted
  rights         the user may read, write and delete metrics, and the disk of a
                 SQLite file has room
  migrations     the schema is the one of this program
  clock          the database's clock is within 5 s of this machine's
  aggregation    the last run went well, and the next is not overdue
  size           the rows are fewer than aggregate.alert_rows
  workspace      it can be reached, and accepts the login
  admin          the login is an administrator, so that report lets it in; a
                 service principal need not be
  lakebase       a new credential can be had, and the database accepts it
  job            databricks.job exists, runs every day and tells of failures
  destinations   the notification destinations that it names exist
  bundle         --bundle holds app.yaml with a command, and no file too large

Checks of parts that are not configured are skipped, and so are those that need
one that failed. Each has 10 s, all together have 30 s.

-o json writes {"ok": …, "checks": [{"name", "status", "message", "mend"}, …]}:
names and statuses (pass, fail, skip) are stable, messages are for people.

Exit codes: 0 nothing failed; 2 something did.`,
		Example: `  appmetrics doctor
  appmetrics doctor --bundle ./my-app
  appmetrics doctor -o json | jq '.checks[] | select(.status == "fail")'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(doctor.Formats(), doctor.Format(format)) {
				return usageError(cmd, fmt.Errorf("--output: unknown format %s; one of %s", quote(format), strings.Join(doctorFormats(), ", ")))
			}
			return r.doctor(cmd.Context(), doctor.Format(format), bundle)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&format, "output", "o", string(doctor.Table), "`FORMAT`: "+strings.Join(doctorFormats(), ", "))
	flags.StringVar(&bundle, "bundle", "", "`DIR` of the app that is to be deployed")
	setting(flags, "listen", "listen", "`ADDRESS` that serve is to listen on (default 127.0.0.1:8080)")
	suggest(cmd, "output", doctorFormats()...)
	return cmd
}

func doctorFormats() []string {
	var names []string
	for _, format := range doctor.Formats() {
		names = append(names, string(format))
	}
	return names
}

func (r *run) doctor(ctx context.Context, format doctor.Format, bundle string) error {
	r.log = slog.New(slog.DiscardHandler) // what goes wrong is in the report
	o, err := r.doctorOptions()
	if err != nil {
		return err
	}
	o.Bundle = bundle
	report := doctor.Run(ctx, o)
	render := doctor.RenderOptions{Color: r.OutTerminal && !r.noColor, Width: r.width()}
	if err := doctor.Render(r.Out, report, format, render); err != nil {
		return err
	}
	if report.OK {
		return nil
	}
	return &advisedError{
		err:    fmt.Errorf("%d of %d checks failed", report.Count(doctor.Fail), len(report.Checks)),
		advice: "the mend stands with each",
	}
}

// doctorOptions are the installation that the settings describe.
func (r *run) doctorOptions() (doctor.Options, error) {
	s := r.settings
	o := doctor.Options{
		File: s.File, Mode: s.Auth.Mode, Listen: s.Listen, TrustedProxies: s.TrustedProxies,
		Settings:    r.checkSettings,
		Open:        r.openDatabase,
		AutoMigrate: s.AutoMigrate,
		Interval:    s.Aggregate.Interval,
		WarnRows:    s.Aggregate.WarnRows, AlertRows: s.Aggregate.AlertRows,
		AdminGroups: s.Auth.AdminGroups,
		Job:         s.Databricks.Job,
		Now:         r.now,
	}
	if s.Spool.MaxBytes > 0 {
		o.Spool = &doctor.Spool{Folder: cmp.Or(s.Spool.Path, spoolsFolder()), MaxBytes: s.Spool.MaxBytes, Left: r.spoolsLeft}
	}
	byDefault := time.Duration(0)
	if rest, embedded := strings.CutPrefix(s.DatabaseURL, "sqlite:"); embedded {
		path, err := filepath.Abs(strings.TrimPrefix(rest, "//"))
		if err != nil {
			return o, err
		}
		o.DatabaseFile, byDefault = path, embeddedInterval
	}
	if o.Interval == config.AggregateAuto {
		o.Interval = byDefault
	}
	lakebased := s.Lakebase != (config.Lakebase{}) && o.DatabaseFile == ""
	if lakebased || s.Auth.Mode == config.ModeDatabricks || s.Databricks.Host != "" || s.Databricks.Profile != "" {
		o.Login = func(ctx context.Context) (doctor.Workspace, error) { return r.login(ctx) }
	}
	if lakebased {
		o.Lakebase = r.renewal()
	}
	return o, nil
}

// checkSettings returns why serve would not start with the settings. Whether
// the workspace answers is another check.
func (r *run) checkSettings(ctx context.Context) error {
	s := *r.settings
	authenticated := s.Auth.Mode != config.ModeLocal
	if s.Auth.Mode == config.ModeDatabricks && s.Databricks.Host == "" {
		s.Auth.Mode = config.ModeLocal // the login knows the host, once there is one
	}
	trial := run{settings: &s}
	_, err := trial.access(ctx)
	_, routes := collect.NewNamer(s.Routes, collect.HoursOptions{})
	return errors.Join(err, routes, admin.CheckListen(s.Listen, authenticated))
}

// openDatabase opens the database to look at.
func (r *run) openDatabase(ctx context.Context) (doctor.Database, error) {
	o, err := r.storeOptions(ctx, r.settings.DatabaseURL)
	if err != nil {
		return nil, err
	}
	return openToLookAt(ctx, o)
}

func openToLookAt(ctx context.Context, o store.Options) (*store.Store, error) {
	o.PoolMin, o.PoolMax = 1, 2
	o.PoolTimeout = min(o.PoolTimeout, doctor.DefaultCheckTimeout)
	return store.OpenReadOnly(ctx, o)
}

// renewal renews the credential of Lakebase, and logs in with it.
func (r *run) renewal() *doctor.Lakebase {
	var credentials *lakebase.Credentials
	return &doctor.Lakebase{
		Renew: func(ctx context.Context) (expiresAt time.Time, err error) {
			if credentials, err = r.credentials(ctx); err != nil {
				return time.Time{}, err
			}
			return credentials.Renew(ctx)
		},
		LogIn: func(ctx context.Context) error {
			o, err := r.storeOptions(ctx, r.settings.DatabaseURL)
			if err != nil {
				return err
			}
			o.Credentials = credentials
			s, err := openToLookAt(ctx, o)
			if err != nil {
				return err
			}
			return s.Close()
		},
	}
}
