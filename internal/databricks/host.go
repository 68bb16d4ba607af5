package databricks

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/databricks/databricks-sdk-go/config"
)

// workspace is where a workspace is.
type workspace struct {
	host string // scheme://host, nothing after it
	id   string // of the workspace on a host that several share, else ""
}

// parseHost reads a workspace's address as people copy it: with or without
// https://, with the path and the query of the page that they were on. Tokens
// travel there, so plain http is for loopback only.
func parseHost(text string) (workspace, error) {
	if text == "" {
		return workspace{}, errors.New("databricks host: empty, want the workspace's URL")
	}
	if strings.Contains(text, "@") {
		return workspace{}, errors.New("databricks host: names a user or a password, want the workspace's URL alone")
	}
	// The SDK's own reading, which also knows where the query names the
	// workspace. It leaves alone what it cannot read.
	cfg := config.Config{Host: text}
	u, err := url.Parse(cfg.CanonicalHostName())
	if err != nil || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") {
		return workspace{}, fmt.Errorf("databricks host %q: want https://HOST", text)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return workspace{}, fmt.Errorf("databricks host %q: want https, tokens are sent there", text)
	}
	return workspace{host: cfg.Host, id: cfg.WorkspaceID}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
