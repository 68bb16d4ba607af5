package config

import (
	"strings"
	"testing"
)

func TestMaskedURLsHoldNoPassword(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"postgres://u:SECRET@h/d",
		"postgres://u:pa SECRET@h/db",
		"postgres://u:p@ss%zzSECRET@h/db",
		"postgres://u:SEC#RET@h/db",
		"postgres://u:SEC?RET@h/db",
		"postgres://u:SEC/RET@h/db",
		"postgres://u:SEC@RET@h/db",
		"postgres://u:SECRET",
		"postgres://u@h/db?password=SECRET",
		"postgres://u@h/db?password=a;bSECRET",
		"postgres://u@h/db?sslpassword=SECRET",
		"postgres://h:port/db?password=SECRET",
		"postgres://u@h/db?sslmode=require#password=SECRET",
		"postgres://h/db?pass%77ord=SECRET",
		"postgres://h/db?password=%zzSECRET",
		"postgres://h/db?%20password=SECRET",
		"user=u password=SECRET host=h",
		"u:SECRET@h/d",
		"//u:SECRET@h/d",
		"postgres:u:SECRET",
		"mysql://u:SECRET@h/d",
	} {
		got := maskURL(raw)
		if strings.Contains(got, "SECRET") || strings.Contains(got, "SEC") || strings.Contains(got, "RET") || !strings.Contains(got, Mask) {
			t.Errorf("%s is shown as %s", raw, got)
		}
	}
}

func TestMaskedURLsKeepTheRest(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"postgres://me@h:5432/db?sslmode=verify-full":  "postgres://me@h:5432/db?sslmode=verify-full",
		"postgres://u:p@h:5432/db?sslmode=verify-full": "postgres://u:***@h:5432/db?sslmode=verify-full",
		"foo":                       "foo",
		"state/appmetrics.db":       "state/appmetrics.db",
		"postgres:///db":            "postgres:///db",
		"sqlite:///var/lib/x.db":    "sqlite:///var/lib/x.db",
		"sqlite:///home/a b/c@d.db": "sqlite:///home/a b/c@d.db",
	} {
		if got := maskURL(raw); got != want {
			t.Errorf("%s is shown as %s, want %s", raw, got, want)
		}
	}
}

func FuzzMaskURL(f *testing.F) {
	f.Add("u", "p@ss/w?o#rd", "h/d")
	f.Fuzz(func(t *testing.T, user, password, rest string) {
		password = "SECRET" + password + "SECRET"
		got := maskURL("postgres://" + strings.Map(plain, user) + ":" + password + "@" + strings.Map(plain, rest))
		if strings.Contains(got, "SECRET") {
			t.Errorf("the password %q shows in %s", password, got)
		}
	})
}

// plain keeps what needs no escaping in a URL.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}
