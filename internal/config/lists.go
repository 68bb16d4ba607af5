package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cast"
)

const allowedList = "a list, or in the environment one line separated by commas, of "

func list(value any) ([]string, error) {
	if s, ok := value.(string); ok {
		value = strings.Split(s, ",")
	}
	items, err := cast.ToStringSliceE(value)
	if err != nil {
		return nil, errValue
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out, nil
}

// listOf reads a list whose every item must pass.
func listOf(to *[]string, value any, pass func(string) bool) error {
	items, err := list(value)
	if err != nil {
		return err
	}
	for _, item := range items {
		if !pass(item) {
			return fmt.Errorf("%q: %w", item, errValue)
		}
	}
	*to = items
	return nil
}

func paths(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool {
		return strings.HasPrefix(s, "/") && utf8.RuneCountInString(s) <= 500 && !strings.ContainsAny(s, "?#")
	})
}

func eventTypes(to *[]string, value any) error {
	return listOf(to, value, regexp.MustCompile(`^[a-z0-9_]{1,100}$`).MatchString)
}

func hashes(to *[]string, value any) error {
	return listOf(to, value, regexp.MustCompile(`^[0-9a-fA-F]{64}$`).MatchString)
}

// origins are compared with what browsers send, who write them in small letters
// and without the port that the scheme has anyway.
func origins(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != s || strings.ToLower(s) != s {
			return false
		}
		return u.Scheme == "http" && u.Port() != "80" || u.Scheme == "https" && u.Port() != "443"
	})
}

// frameAncestor is an origin as Content-Security-Policy writes it.
var frameAncestor = regexp.MustCompile(`^https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

func frameAncestors(to *[]string, value any) error {
	return listOf(to, value, frameAncestor.MatchString)
}

func networks(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool {
		_, notPrefix := netip.ParsePrefix(s)
		_, notAddress := netip.ParseAddr(s)
		return notPrefix == nil || notAddress == nil
	})
}

// names are of users and groups, as a workspace or a proxy spells them.
func names(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool { return utf8.RuneCountInString(s) <= 255 })
}

// headerName is a token of RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,100}$")

func headerNames(to *[]string, value any) error {
	return listOf(to, value, headerName.MatchString)
}
