package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases; other builds know their module
// version or commit.
var version string

func newVersion(r *run) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Say which build this is",
		Args:        noArguments,
		Annotations: map[string]string{offline: ""},
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(r.Out, buildStamp())
			return err
		},
	}
}

// buildStamp names the version, the commit, the compiler and the platform.
func buildStamp() string {
	v, commit, modified := version, "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 12:
				commit = " commit " + s.Value[:12]
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " modified"
			}
		}
	}
	if v == "" {
		v = "(devel)"
	}
	return fmt.Sprintf("appmetrics %s%s%s %s %s/%s", v, commit, modified, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
