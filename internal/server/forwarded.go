package server

import (
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
)

// endToEnd returns the headers that say who is asking, and for what, those by
// which the configuration says so among them. They are for the application,
// whoever names them in Connection: a client could otherwise take away what a
// proxy in front of us has said about it.
func endToEnd(identity []string) []string {
	names := []string{
		"Authorization", "Cookie",
		"X-Forwarded-Access-Token", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Forwarded-User",
		"X-Real-Ip", "X-Request-Id",
	}
	for _, name := range identity {
		names = append(names, http.CanonicalHeaderKey(name))
	}
	return names
}

// setForwarded appends to the X-Forwarded headers of trusted peers, and
// replaces those of others. It drops what an application might take for one of
// them.
func (p *proxy) setForwarded(pr *httputil.ProxyRequest) {
	for _, name := range p.endToEnd {
		if values := pr.In.Header[name]; len(values) > 0 {
			pr.Out.Header[name] = values
		}
	}
	p.dropLookalikes(pr.Out.Header)
	if !p.trusted.Contains(pr.In.RemoteAddr) {
		pr.SetXForwarded()
		return
	}
	pr.Out.Header["X-Forwarded-For"] = pr.In.Header["X-Forwarded-For"]
	pr.SetXForwarded()
	for _, name := range [...]string{"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} {
		if values := pr.In.Header[name]; len(values) > 0 {
			pr.Out.Header[name] = values
		}
	}
}

// dropLookalikes removes headers with _ for - that say who is asking, or whence:
// to CGI and WSGI applications the two are one. A name that is configured with
// _ is not one of them.
func (p *proxy) dropLookalikes(header http.Header) {
	for name := range header {
		if !strings.Contains(name, "_") || slices.Contains(p.endToEnd, name) {
			continue
		}
		plain := http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-"))
		if strings.HasPrefix(plain, "X-Forwarded-") || slices.Contains(p.endToEnd, plain) {
			delete(header, name)
		}
	}
}
