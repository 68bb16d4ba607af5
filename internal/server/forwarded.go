package server

import (
	"net/http"
	"net/http/httputil"
	"strings"
)

// endToEnd lists headers that say who is asking, and for what. They are for the application,
// whoever names them in Connection: a client could otherwise take away what a
// proxy in front of us has said about it.
var endToEnd = [...]string{
	"Authorization", "Cookie",
	"X-Forwarded-Access-Token", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Forwarded-User",
	"X-Real-Ip", "X-Request-Id",
}

// setForwarded appends to the X-Forwarded headers of trusted peers, and
// replaces those of others. It drops what an application might take for one of
// them.
func (p *proxy) setForwarded(pr *httputil.ProxyRequest) {
	for _, name := range endToEnd {
		if values := pr.In.Header[name]; len(values) > 0 {
			pr.Out.Header[name] = values
		}
	}
	dropLookalikes(pr.Out.Header)
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
// to CGI and WSGI applications the two are one.
func dropLookalikes(header http.Header) {
	for name := range header {
		if !strings.Contains(name, "_") {
			continue
		}
		plain := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		switch {
		case strings.HasPrefix(plain, "x-forwarded-"), plain == "x-real-ip", plain == "x-request-id":
			delete(header, name)
		}
	}
}
