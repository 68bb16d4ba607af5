package admin

import (
	"fmt"
	"net"
	"strings"
)

// CheckListen returns an error when local mode would listen where others than
// the local user can reach it (R18). listen is an address for net.Listen;
// authenticated says that an authentication mode other than local is
// configured, in which case every address is fine.
func CheckListen(listen string, authenticated bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("listen address %q: want HOST:PORT, for example 127.0.0.1:8080", listen)
	}
	if authenticated || loopbackHost(strings.ToLower(host)) {
		return nil
	}
	return fmt.Errorf("listen address %q: local mode refuses to listen anywhere but loopback,"+
		" since nobody is asked who they are; listen on 127.0.0.1 instead, or choose an auth.mode", listen)
}
