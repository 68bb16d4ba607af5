package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cast"
)

const (
	allowedDuration = "a duration such as 30s or 1m30s, or a number of seconds"
	allowedList     = "a list, or in the environment one line separated by commas, of "
)

// errValue is what a parser returns for a value that is not allowed; the
// sentence that the user reads is made from the key.
var errValue = errors.New("value is not allowed")

func text(to *string, value any) error {
	s, err := cast.ToStringE(value)
	if err != nil {
		return errValue
	}
	*to = strings.TrimSpace(s)
	return nil
}

func oneOf(to *string, value any, allowed ...string) error {
	if err := text(to, value); err != nil || !slices.Contains(allowed, *to) {
		return errValue
	}
	return nil
}

func boolean(to *bool, value any) error {
	b, err := cast.ToBoolE(value)
	if err != nil {
		return errValue
	}
	*to = b
	return nil
}

func integer[N int | int64](to *N, value any, least, most int64) error {
	var s string
	if err := text(&s, value); err != nil {
		return err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		return errValue
	}
	*to = N(n)
	return nil
}

// duration reads Go's notation and, since the established names end in
// seconds, plain numbers of seconds.
func duration(to *time.Duration, value any) error {
	var s string
	if err := text(&s, value); err != nil {
		return err
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		d, err = time.ParseDuration(s + "s")
	}
	if err != nil || d < 0 {
		return errValue
	}
	*to = d
	return nil
}

func positive(to *time.Duration, value any) error {
	if err := duration(to, value); err != nil || *to == 0 {
		return errValue
	}
	return nil
}

func interval(to *time.Duration, value any) error {
	if value == "auto" {
		*to = AggregateAuto
		return nil
	}
	if err := duration(to, value); err != nil || (*to > 0 && *to < time.Minute) {
		return errValue
	}
	return nil
}

func hostPort(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(*to)
	if err != nil {
		return errValue
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errValue
	}
	return nil
}

func appName(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(*to); n < 1 || n > 100 || *to == "appmetrics" {
		return errValue
	}
	return nil
}

func upstream(to **url.URL, value any) error {
	var s string
	if err := text(&s, value); err != nil {
		return err
	}
	if s == "" {
		*to = nil
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"http", "https", "h2c"}, u.Scheme) || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errValue
	}
	*to = u
	return nil
}

func databaseURL(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	u, err := url.Parse(*to)
	if err != nil {
		return errValue
	}
	switch u.Scheme {
	case "sqlite":
		if u.Host+u.Path == "" {
			return errValue
		}
		return nil
	case "postgres", "postgresql":
		return nil
	}
	return errValue
}

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

func origins(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == s
	})
}

func networks(to *[]string, value any) error {
	return listOf(to, value, func(s string) bool {
		_, notPrefix := netip.ParsePrefix(s)
		_, notAddress := netip.ParseAddr(s)
		return notPrefix == nil || notAddress == nil
	})
}
