package config

import (
	"net/url"

	"github.com/spf13/pflag"
)

// derive sets what follows from other keys.
func (s *Settings) derive() {
	if s.Auth.Mode == ModeAuto {
		s.Auth.Mode = ModeLocal
		if s.Databricks.Host != "" || s.Databricks.Profile != "" || s.Lakebase != (Lakebase{}) {
			s.Auth.Mode = ModeDatabricks
		}
	}
	if s.Ack == AckAuto && (s.Spool.MaxBytes == 0 || onDatabricksApps()) {
		s.Ack = AckDB
		s.printed["ack"] = s.Ack
	}
	if s.Lakebase != (Lakebase{}) && s.origins["database_url"] == byDefault {
		s.DatabaseURL = lakebaseDatabase()
		s.printed["database_url"] = s.DatabaseURL
	}
}

// check holds what concerns more than one key.
func (s *Settings) check(flags map[string]*pflag.Flag) error {
	if s.Pool.Min > s.Pool.Max {
		return errorf("pool.min: %d (%s) is not allowed; allowed: at most pool.max, which is %d",
			s.Pool.Min, s.origins["pool.min"], s.Pool.Max)
	}
	if s.Aggregate.WarnRows > s.Aggregate.AlertRows {
		return errorf("aggregate.warn_rows: %d (%s) is not allowed; allowed: at most aggregate.alert_rows, which is %d",
			s.Aggregate.WarnRows, s.origins["aggregate.warn_rows"], s.Aggregate.AlertRows)
	}
	if s.Ack == AckDisk && s.Spool.MaxBytes == 0 {
		return errorf("ack: disk (%s) is not allowed without a spool; set spool.max_bytes (%s), or ack to db",
			s.origins["ack"], s.origins["spool.max_bytes"])
	}
	if err := s.checkAuth(); err != nil {
		return err
	}
	if s.Lakebase.Endpoint != "" && s.Lakebase.Instance != "" {
		return errorf("lakebase.endpoint (%s) and lakebase.instance (%s) are not allowed together; set the one that the database has",
			s.origins["lakebase.endpoint"], s.origins["lakebase.instance"])
	}
	if s.Privacy.Pseudonymize && s.Privacy.Key == "" {
		return errorf("privacy.pseudonymize: true (%s) is not allowed without privacy.key; set APPMETRICS_PRIVACY_KEY to a secret of %d characters or more",
			s.origins["privacy.pseudonymize"], leastKey)
	}
	for key, value := range map[string]string{"database_url": s.DatabaseURL, "copy.to": s.CopyTo} {
		f := flags[key]
		if f == nil || !f.Changed {
			continue
		}
		// Other users of the machine can read a command line.
		if u, err := url.Parse(value); err == nil {
			if _, has := u.User.Password(); has || u.Query().Has("password") || u.Query().Has("sslpassword") {
				return errorf("flag --%s: must not carry a password; set %s or %s in the configuration file instead",
					f.Name, passwordVariables[key], key)
			}
		}
	}
	return nil
}

// passwordVariables are where the password of a database may be, by key.
var passwordVariables = map[string]string{"database_url": "DATABASE_URL", "copy.to": "APPMETRICS_COPY_TO"}

func (s *Settings) checkAuth() error {
	switch s.Auth.Mode {
	case ModeLocal:
		// Whoever names administrators does not mean everyone on this machine.
		if len(s.Auth.Admins) > 0 {
			return errorf("auth.admins (%s) is not allowed in auth.mode local; set auth.mode to proxy, and trusted_proxies",
				s.origins["auth.admins"])
		}
	case ModeDatabricks:
		if s.Databricks.Host == "" && s.Databricks.Profile == "" && s.Lakebase == (Lakebase{}) {
			return errorf("auth.mode: databricks (%s) is not allowed without databricks.host or databricks.profile; set DATABRICKS_HOST to the address of the workspace",
				s.origins["auth.mode"])
		}
	case ModeProxy:
		// What Databricks Apps trusts by default names users; groups that a
		// caller claims would pass through it.
		if len(s.TrustedProxies) == 0 || s.origins["trusted_proxies"] == byDefault {
			return errorf("auth.mode: proxy (%s) is not allowed without trusted_proxies; list the addresses or networks of the proxies in front of serve",
				s.origins["auth.mode"])
		}
		if len(s.Auth.UserHeaders) == 0 {
			return errorf("auth.mode: proxy (%s) is not allowed without auth.user_headers; list the headers in which the proxy names the user",
				s.origins["auth.mode"])
		}
	}
	return nil
}
