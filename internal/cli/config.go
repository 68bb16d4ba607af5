package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/config"
)

func newConfig(r *run) *cobra.Command {
	var example bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the effective settings, and where each came from",
		Example: `  appmetrics config
  appmetrics config --example > ~/.config/appmetrics/config.yaml`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if example {
				_, err := io.WriteString(r.Out, config.Example())
				return err
			}
			return r.settings.Write(r.Out)
		},
	}
	cmd.Flags().BoolVar(&example, "example", false, "print the documented configuration file, with every default")
	return cmd
}
