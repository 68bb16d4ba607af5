package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
)

// listen opens the address, or says in one line why not and what to do.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on %s: another program uses this port;"+
			" stop it, or choose another address with --listen: %w", address, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listen on %s: this user may not use the port;"+
			" choose one above 1023 with --listen: %w", address, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("listen on %s: this machine does not have the address;"+
			" choose another with --listen: %w", address, err)
	}
	return nil, fmt.Errorf("listen on %s: want HOST:PORT of this machine, for example 127.0.0.1:8080: %w", address, err)
}

// loops reports whether requests sent upstream would come back to the server
// itself: the same port of the same machine.
func loops(listening net.Addr, upstream *url.URL) bool {
	own, ok := listening.(*net.TCPAddr)
	if !ok || port(upstream) != fmt.Sprint(own.Port) {
		return false
	}
	host := upstream.Hostname()
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback() && !ip.IsUnspecified()) {
		return ip != nil && ip.Equal(own.IP)
	}
	return own.IP.IsLoopback() || own.IP.IsUnspecified()
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
