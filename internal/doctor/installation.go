package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// proxyMode is the mode in which the trusted proxies decide who is an
// administrator.
const proxyMode = "proxy"

func (p *patient) checkConfiguration(ctx context.Context) finding {
	if err := p.Settings(ctx); err != nil {
		return failed("change the setting where `appmetrics config` says that it comes from", "serve would not start: %v", err)
	}
	if p.Mode == proxyMode {
		for _, entry := range p.TrustedProxies {
			if prefix, err := netip.ParsePrefix(entry); err == nil && prefix.Bits() == 0 {
				return failed("list the addresses of the authenticating proxy alone",
					"trusted_proxies holds %s: whoever reaches the port can claim to be an administrator", entry)
			}
		}
	}
	file := "no configuration file"
	if p.File != "" {
		file = p.File
	}
	return passed("%s; %s mode", file, p.Mode)
}

// healthPath is answered by a serve that lives, see package server.
const healthPath = "/internal/appmetrics/health"

// checkPort listens for a moment. A port that is taken is fine when it is a
// running appmetrics that has it.
func (p *patient) checkPort(ctx context.Context) finding {
	host, port, err := net.SplitHostPort(p.Listen)
	if err != nil {
		return failed("set listen to HOST:PORT, such as 127.0.0.1:8080", "listen is %q", p.Listen)
	}
	if port == "0" {
		return passed("%s: any free port", p.Listen)
	}
	var network net.ListenConfig
	listener, err := network.Listen(ctx, "tcp", p.Listen)
	switch {
	case err == nil:
		_ = listener.Close() // it took nothing
		return passed("%s is free", p.Listen)
	case errors.Is(err, syscall.EADDRINUSE):
		if answersHealth(ctx, host, port) {
			return passed("appmetrics serves on %s", p.Listen)
		}
		return failed("end that program, or choose another address with --listen", "%s is taken by another program", p.Listen)
	case errors.Is(err, syscall.EACCES):
		return failed("choose a port from 1024 up with --listen", "%s: this user may not listen there", p.Listen)
	}
	return failed("choose an address of this machine with --listen", "%s: %v", p.Listen, cause(err))
}

// answersHealth reports whether an appmetrics listens there.
func answersHealth(ctx context.Context, host, port string) bool {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address := "http://" + net.JoinHostPort(reachable(host), port) + healthPath
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	// Straight there: a proxy of the environment could not reach this machine.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	const enough = 64
	body, err := io.ReadAll(io.LimitReader(response.Body, enough))
	return err == nil && response.StatusCode == http.StatusOK && strings.TrimSpace(string(body)) == "ok"
}

// reachable is the host to ask for one that is listened on.
func reachable(host string) string {
	if addr, err := netip.ParseAddr(host); host != "" && (err != nil || !addr.IsUnspecified()) {
		return host
	}
	if host == "::" {
		return "::1"
	}
	return "127.0.0.1"
}

// checkSpool sees whether samples may wait on disk, and whether some do that
// nobody stores.
func (p *patient) checkSpool(context.Context) finding {
	const mend = "make the folder writable for this user, or name another one with spool.path"
	if p.Spool == nil {
		return skipped("spool.max_bytes is 0: samples wait in memory, and posts wait for the database")
	}
	folder := p.Spool.Folder
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := creatable(folder); err != nil {
			return failed(mend, "%s cannot be created: %v", folder, err)
		}
	case err != nil:
		return failed(mend, "%s: %v", folder, cause(err))
	case !info.IsDir():
		return failed(mend, "%s is no directory", folder)
	default:
		if err := writable(folder); err != nil {
			return failed(mend, "%s: %v", folder, err)
		}
		if err := takes(folder); err != nil {
			return full(folder, err)
		}
	}
	if left := p.Spool.Left(); len(left) > 0 {
		return failed("restart the serve of their database once, or start another, to store them; or name the folder with spool.path",
			"samples wait that no process stores: %s", strings.Join(left, ", "))
	}
	return passed("%s, up to %s", folder, bytes(p.Spool.MaxBytes))
}

// full is the finding of a folder that may be written to and takes nothing.
func full(folder string, err error) finding {
	return failed("make room on the disk, and look whether it is in order", "%s takes no file of %s: %v", folder, bytes(trialSize), err)
}

// creatable returns why a file or folder that is not there cannot be made.
func creatable(path string) error {
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is no directory", folder)
		case err == nil:
			if err := writable(folder); err != nil {
				return fmt.Errorf("%s: %w", folder, err)
			}
			return nil
		case !errors.Is(err, fs.ErrNotExist) || folder == filepath.Dir(folder):
			return cause(err)
		}
	}
}

// cause is the innermost error: what is around it repeats the address.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// plural counts in words that fit.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
