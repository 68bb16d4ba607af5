package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/report"
)

// reportOptions are the flags of report.
type reportOptions struct {
	rangeName, from, to string
	format, section     string
	app, endpoint       string
	anonymous, compare  bool
	asking              asking
}

func newReport(r *run) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Say which endpoints are slow, which fail, and who uses what",
		Long: `Says which endpoints are slow, which fail, and how many people use the
application. It reads the database, or asks a running server with --server.

Where a Databricks workspace is configured, it is for administrators: your login
there (DATABRICKS_CONFIG_PROFILE, DATABRICKS_TOKEN, databricks auth login, ...)
has to be a member of a group of auth.admin_groups.

Exit codes: 0 done; 1 the database, server or workspace could not be reached;
2 it went wrong; 4 not logged in, or not an administrator.`,
		Example: `  appmetrics report
  appmetrics report --range 30d --compare
  appmetrics report --from 2026-01-05T00:00:00Z --to 2026-01-06T00:00:00Z --endpoint '/orders/{id}'
  appmetrics report --range 7d -o html > week.html
  appmetrics report --server https://metrics.example.com --token-file ~/.appmetrics-token`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.report(cmd, o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.rangeName, "range", "", "`RANGE` until now: 24h, 7d, 30d or 90d (default 24h)")
	flags.StringVar(&o.from, "from", "", "start `TIME`, RFC 3339, instead of --range")
	flags.StringVar(&o.to, "to", "", "end `TIME`, RFC 3339, not included")
	flags.StringVarP(&o.format, "output", "o", "table", "`FORMAT`: "+strings.Join(formats(), ", "))
	flags.StringVar(&o.section, "section", "", "`PART` that csv holds: "+strings.Join(sections(), ", "))
	flags.StringVar(&o.app, "app", "", "only the application with this `NAME`")
	flags.StringVar(&o.endpoint, "endpoint", "", "only this `ENDPOINT`, such as /orders/{id}")
	flags.BoolVar(&o.anonymous, "include-anonymous", false, "count all anonymous requests together as one user more")
	flags.BoolVar(&o.compare, "compare", false, "show the change against the previous period")
	o.asking.flags(flags)
	suggest(cmd, "range", metric.RangeNames()...)
	suggest(cmd, "output", formats()...)
	suggest(cmd, "section", sections()...)
	return cmd
}

func (r *run) report(cmd *cobra.Command, o reportOptions) (err error) {
	format, err := report.ParseFormat(o.format)
	if err != nil {
		return usageError(cmd, fmt.Errorf("--output: %w", err))
	}
	period, err := metric.ParseRange(o.rangeName, o.from, o.to, r.now())
	if err != nil {
		return usageError(cmd, inFlags(err))
	}
	if err := o.asking.check(); err != nil {
		return usageError(cmd, err)
	}
	if o.section != "" && (format != report.CSV || !slices.Contains(sections(), o.section)) {
		return usageError(cmd, fmt.Errorf("--section: %s is not allowed; with --output csv, one of %s", quote(o.section), strings.Join(sections(), ", ")))
	}
	ctx := cmd.Context()
	source, closeSource, err := r.source(ctx, o.asking)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSource()) }()
	gathered, err := report.Gather(ctx, source, report.Params{
		Range: period, App: o.app, Endpoint: o.endpoint,
		IncludeAnonymous: o.anonymous, Compare: o.compare,
	})
	if err != nil {
		return err
	}
	return report.Render(r.Out, gathered, format, report.Options{
		Color:   r.OutTerminal && !r.noColor,
		Width:   r.width(),
		Section: report.Section(o.section),
		Now:     r.now(),
	})
}

// width is how wide the terminal is, 0 where there is none.
func (r *run) width() int {
	if !r.OutTerminal {
		return 0
	}
	width, _, err := term.GetSize(int(os.Stdout.Fd())) //nolint:gosec // a file descriptor is small
	if err != nil {
		return 0
	}
	return width
}

// inFlags says what the API calls its parameters in the names of the flags.
func inFlags(err error) error {
	words := strings.NewReplacer("time_range", "--range", "start_time", "--from", "end_time", "--to")
	if field := (*metric.FieldError)(nil); errors.As(err, &field) {
		return &metric.FieldError{Field: words.Replace(field.Field), Value: field.Value, Allowed: words.Replace(field.Allowed)}
	}
	return err
}

func formats() []string {
	var names []string
	for _, format := range report.Formats() {
		names = append(names, string(format))
	}
	return names
}

func sections() []string {
	var names []string
	for _, section := range report.Sections() {
		names = append(names, string(section))
	}
	return names
}
