package config

import (
	"errors"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cast"
)

const allowedDuration = "a duration such as 30s or 1m30s, or a number of seconds"

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

// size reads bytes with or without a unit, such as 1GiB; 0 is allowed, and what
// is not less than least.
func size(to *int64, value any, least uint64) error {
	var s string
	if err := text(&s, value); err != nil {
		return err
	}
	n, err := humanize.ParseBytes(s)
	if err != nil || n > 0 && n < least || n > math.MaxInt64 {
		return errValue
	}
	*to = int64(n)
	return nil
}

// folder reads the absolute path of a folder, or nothing.
func folder(to *string, value any) error {
	if err := text(to, value); err != nil || *to != "" && !filepath.IsAbs(*to) || strings.ContainsRune(*to, 0) {
		return errValue
	}
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

func appName(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(*to); n < 1 || n > 100 || *to == "appmetrics" {
		return errValue
	}
	return nil
}

var pagePaths = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+$`)

// answered are the paths that appmetrics answers besides the dashboard.
var answered = [...]string{
	"/api/v1/metrics", "/api/v1/openapi.json", "/api/docs", "/internal/appmetrics", "/health", "/ready", "/ping",
}

// pagePath reads a path that is neither one of those that are answered, nor
// below one, nor above one: it would take what else the application has there.
func pagePath(to *string, value any) error {
	if err := text(to, value); err != nil || !pagePaths.MatchString(*to) {
		return errValue
	}
	for _, taken := range answered {
		if strings.HasPrefix(*to+"/", taken+"/") || strings.HasPrefix(taken, *to+"/") {
			return errValue
		}
	}
	return nil
}

// pseudonymKey reads a secret that is either missing or too long to be guessed.
func pseudonymKey(to *string, value any) error {
	if err := text(to, value); err != nil || (*to != "" && utf8.RuneCountInString(*to) < leastKey) {
		return errValue
	}
	return nil
}

// leastKey is how many characters privacy.key has at least.
const leastKey = 32
