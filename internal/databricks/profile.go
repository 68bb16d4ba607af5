package databricks

import (
	"fmt"

	"github.com/databricks/databricks-sdk-go/config"
)

// profileLoader reads the settings of a profile that was named, and nothing
// else that could say who the process is: the SDK's own order would let every
// DATABRICKS_* variable overrule a part of the profile, and so send one
// identity's token to another one's workspace.
type profileLoader struct {
	host string // that the profile must be of, if it names one; "" is any
}

func (*profileLoader) Name() string { return "profile" }

func (p *profileLoader) Configure(cfg *config.Config) error {
	for _, attribute := range config.ConfigAttributes {
		switch attribute.Name {
		case "config_file", "databricks_cli_path": // where things are on this machine
			if value, _ := attribute.ReadEnv(); value != "" {
				if err := attribute.SetS(cfg, value); err != nil {
					return err
				}
			}
		}
	}
	if err := config.ConfigFile.Configure(cfg); err != nil {
		return err
	}
	if p.host == "" {
		return nil
	}
	if of := cfg.CanonicalHostName(); of != "" && of != p.host {
		return fmt.Errorf("profile %s is of %s, not of the configured %s", cfg.Profile, of, p.host)
	}
	cfg.Host = p.host
	return nil
}
