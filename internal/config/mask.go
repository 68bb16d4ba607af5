package config

import (
	"net/url"
	"regexp"
	"strings"
)

// passwordIn finds what looks like a password in an address of any kind.
var passwordIn = regexp.MustCompile(`(://[^:/@\s]*:)[^@\s]*@`)

// colon is where a password, or a port, begins.
var colon = regexp.MustCompile(`^[a-zA-Z][\w+.-]*://[^:@/]*:`)

// userinfo is a user and, up to the last @, whatever follows its colon: a
// password that was not escaped may hold anything.
var userinfo = regexp.MustCompile(`^([a-zA-Z][\w+.-]*://[^:@/?]*:).*@`)

// isPlain matches a word or path, which has no place for a password.
var isPlain = regexp.MustCompile(`^[\w./-]*$`)

// maskURL takes the passwords out of a database's address. It works on the
// text, as the drivers do, because what a parser leaves out or refuses may be
// a password; what cannot be told apart is masked as a whole.
func maskURL(raw string) string {
	if isPlain.MatchString(raw) {
		return raw
	}
	address, query, hasQuery := strings.Cut(raw, "?")
	if !strings.Contains(raw, "://") || strings.Contains(query, "@") && colon.MatchString(address) {
		return Mask // no URL, or perhaps a password with a question mark
	}
	address = userinfo.ReplaceAllString(address, "${1}"+Mask+"@")
	if u, err := url.Parse(address); err != nil || u.Fragment != "" {
		return Mask
	}
	if !hasQuery {
		return address
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil || strings.Contains(strings.ToLower(plain), "password") || strings.ContainsAny(pair, "#;") {
			pairs[i] = name + "=" + Mask
		}
	}
	return address + "?" + strings.Join(pairs, "&")
}

// SecretVariables are the environment variables of this program alone that may
// hold a secret. Established names, such as DATABASE_URL, are not among them:
// other programs use them too.
func SecretVariables() []string {
	var names []string
	for _, k := range keys() {
		if k.secret {
			names = append(names, k.environment()[0])
		}
	}
	return names
}
