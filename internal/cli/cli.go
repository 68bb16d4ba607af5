// Package cli owns the command line: one file per command, the exit codes, and
// the only place where settings become the options of other packages. What a
// command answers goes to standard output, everything else to standard error.
package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/databricks"
)

// Streams are what a command talks through.
type Streams struct {
	Out, Err io.Writer
	// OutTerminal and ErrTerminal say whether a person sees them, InTerminal
	// whether a person types what standard input brings.
	OutTerminal, ErrTerminal, InTerminal bool
}

// Terminal returns the process's own streams.
func Terminal() Streams {
	return Streams{
		Out: os.Stdout, Err: os.Stderr,
		OutTerminal: isatty.IsTerminal(os.Stdout.Fd()),
		ErrTerminal: isatty.IsTerminal(os.Stderr.Fd()),
		InTerminal:  isatty.IsTerminal(os.Stdin.Fd()),
	}
}

// Run runs the command that args name and returns the exit code of the
// process. Errors are written to the error stream, one line each.
func Run(ctx context.Context, streams Streams, args []string) int {
	r := &run{Streams: streams, now: time.Now, log: slog.New(slog.DiscardHandler)}
	root := newRoot(r) //nolint:contextcheck // cobra hands ctx to the commands
	root.SetArgs(args)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	return r.exit(root.ExecuteContext(ctx))
}

// run is one run of the program: what every command shares.
type run struct {
	Streams
	now      func() time.Time
	settings *config.Settings
	log      *slog.Logger
	noColor  bool
	code     int // of a run without an error: a child's, or the growth guard's

	loginMu  sync.Mutex
	loggedIn *databricks.Login // see login
}

// keyAnnotation ties a flag to the setting that it overrides.
const keyAnnotation = "appmetrics_key"

func newRoot(r *run) *cobra.Command {
	var file string
	root := &cobra.Command{
		Use:   "appmetrics",
		Short: "Is our app fast, is it failing, who uses what?",
		Long: `appmetrics stands in front of a web application, records every request and
interaction, keeps them in SQLite or PostgreSQL, and answers: is our app fast,
is it failing, who uses what?

  appmetrics serve --demo                       look around, nothing to set up
  appmetrics serve --upstream http://127.0.0.1:3000 -- npm start
  appmetrics report --range 7d`,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		Args:                       knownCommand,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return r.prepare(cmd, file)
		},
		Annotations:       map[string]string{offline: ""},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&file, "config", "", "configuration `FILE` (default $XDG_CONFIG_HOME/appmetrics/config.yaml, then /etc/appmetrics/config.yaml)")
	setting(flags, "database_url", "database-url", "`URL` of the database: sqlite://PATH or postgres://USER@HOST/NAME")
	setting(flags, "log.level", "log-level", "`LEVEL` of the log: debug, info, warn or error")
	setting(flags, "log.format", "log-format", "`FORMAT` of the log: text or json (default text on a terminal)")
	flags.BoolVar(&r.noColor, "no-color", false, "no colours, as with NO_COLOR")
	suggest(root, "log-level", "debug", "info", "warn", "error")
	suggest(root, "log-format", "text", "json")
	root.SetFlagErrorFunc(usageError)
	root.AddCommand(
		newServe(r), newAggregate(r), newMigrate(r), newReport(r), newTUI(r),
		newCopy(r), newDoctor(r), newConfig(r), newVersion(r), newCompletion(r),
	)
	return root
}

// setting adds a flag that overrides a setting. Its default is the setting's,
// whose text is in the configuration file.
func setting(flags *pflag.FlagSet, key, name, usage string) {
	flags.String(name, "", usage)
	annotate(flags, key, name)
}

func annotate(flags *pflag.FlagSet, key, name string) {
	flags.Lookup(name).Annotations = map[string][]string{keyAnnotation: {key}}
}

// suggest tells the shell which values a flag may have.
func suggest(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist, which the completions in
	// the repository would show.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// prepare reads the settings and makes the logger. Commands that need neither
// are marked with offline.
func (r *run) prepare(cmd *cobra.Command, file string) error {
	if os.Getenv("NO_COLOR") != "" {
		r.noColor = true
	}
	if _, skip := cmd.Annotations[offline]; skip || cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == "help" {
		return nil
	}
	options := config.Options{File: file, Flags: map[string]*pflag.Flag{}}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if key := f.Annotations[keyAnnotation]; len(key) == 1 {
			options.Flags[key[0]] = f
		}
	})
	settings, err := config.Load(options)
	if err != nil {
		return err
	}
	r.settings = settings
	r.log = r.newLogger()
	return nil
}

// offline marks a command that works without settings.
const offline = "offline"

// usageError is a mistake in the command line; the advice names the help.
func usageError(cmd *cobra.Command, err error) error {
	return &advisedError{err: err, advice: "see `" + cmd.CommandPath() + " --help`"}
}

// knownCommand refuses what is no command, and says which one is near.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := errors.New("unknown command " + quote(args[0]))
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return &advisedError{err: err, advice: "did you mean " + strings.Join(near, " or ") + "?"}
	}
	return usageError(root, err)
}

// noArguments refuses arguments in the words of all other errors.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(cmd, errors.New("argument "+quote(args[0])+" is not expected"))
	}
	return nil
}
