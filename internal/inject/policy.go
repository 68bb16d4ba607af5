package inject

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// policy is one Content Security Policy: what its directives list. See
// https://www.w3.org/TR/CSP3/.
type policy map[string][]string

func parsePolicy(text string) policy {
	p := policy{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, again := p[name]; !again { // the first one counts
			p[name] = words[1:]
		}
	}
	return p
}

// sources returns what the first of the directives that is there lists.
func (p policy) sources(directives ...string) (list []string, limited bool) {
	for _, name := range directives {
		if list, ok := p[name]; ok {
			return list, true
		}
	}
	return nil, false
}

// admits tells whether the tracker may run and send, given that its tag carries
// the right nonce or that nonces do not matter.
func (p policy) admits() bool {
	if allowed, limited := p.sources("sandbox"); limited &&
		(!lists(allowed, "allow-scripts") || !lists(allowed, "allow-same-origin")) {
		return false
	}
	list, limited := p.sources("connect-src", "default-src")
	return !limited || lists(list, "'self'") || lists(list, "*")
}

// wantsNonce tells whether only a nonce, one of those returned, lets the tag in.
func (p policy) wantsNonce() (nonces []string, wanted bool) {
	list, limited := p.sources("script-src-elem", "script-src", "default-src")
	if !limited {
		return nil, false
	}
	for _, source := range list {
		if m := nonceSource.FindStringSubmatch(source); m != nil && !slices.Contains(nonces, m[1]) {
			nonces = append(nonces, m[1])
		}
	}
	open := lists(list, "'self'") || lists(list, "*")
	return nonces, !open || lists(list, "'strict-dynamic'")
}

var nonceSource = regexp.MustCompile(`^(?i:'nonce-)([A-Za-z0-9+/_-]+={0,2})'$`)

func lists(list []string, keyword string) bool {
	return slices.ContainsFunc(list, func(word string) bool { return strings.EqualFold(word, keyword) })
}

// policies are all of one page; every one must be content.
type policies []policy

// headerPolicies returns those of the header, also the ones that only report:
// what they do not allow is not what the application wants.
func headerPolicies(h http.Header) policies {
	var all policies
	for _, name := range [...]string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"} {
		for _, value := range h.Values(name) {
			for text := range strings.SplitSeq(value, ",") {
				all = append(all, parsePolicy(text))
			}
		}
	}
	return all
}

// nonce returns the nonce that the tag needs, or none, and whether it is
// allowed at all. Of several nonces none is taken: it is not known whose they
// are.
func (all policies) nonce() (nonce string, allowed bool) {
	var known []string
	needed := false
	for _, p := range all {
		nonces, wanted := p.wantsNonce()
		if !p.admits() || (wanted && len(nonces) != 1) {
			return "", false
		}
		if wanted {
			needed = true
			known = append(known, nonces...)
		}
	}
	if !needed {
		return "", true
	}
	slices.Sort(known)
	known = slices.Compact(known)
	return known[0], len(known) == 1
}

// wantsIntegrity tells whether scripts without a checksum are refused.
func wantsIntegrity(h http.Header) bool {
	for _, name := range [...]string{"Integrity-Policy", "Integrity-Policy-Report-Only"} {
		if strings.Contains(strings.ToLower(strings.Join(h.Values(name), ",")), "script") {
			return true
		}
	}
	return false
}
