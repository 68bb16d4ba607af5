package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(r *run) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Example: `  source <(appmetrics completion bash)
  appmetrics completion zsh > "${fpath[1]}/_appmetrics"
  appmetrics completion fish > ~/.config/fish/completions/appmetrics.fish
  appmetrics completion powershell | Out-String | Invoke-Expression`,
		ValidArgs:   shells,
		Annotations: map[string]string{offline: ""},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, fmt.Errorf("%d arguments are not allowed; name one shell: bash, zsh, fish or powershell", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(r.Out, true)
			case "zsh":
				return root.GenZshCompletion(r.Out)
			case "fish":
				return root.GenFishCompletion(r.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(r.Out)
			}
			return usageError(cmd, fmt.Errorf("shell %s is not known; allowed: bash, zsh, fish, powershell", quote(args[0])))
		},
	}
}
