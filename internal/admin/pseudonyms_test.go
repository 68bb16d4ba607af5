package admin_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func newPseudonyms(t rapid.TB, key string) *admin.Pseudonyms {
	t.Helper()
	p, err := admin.NewPseudonyms(key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// These are stored: another form would cut every user's history in two.
func TestPseudonymsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	p := newPseudonyms(t, "0123456789abcdef0123456789abcdef")
	for user, want := range map[string]string{
		"ada@example.com": "user-4prqwtkqejfexikaqrqh",
		"":                "",
	} {
		if got := p.Of(user); got != want {
			t.Errorf("%q: got %q, want %q", user, got, want)
		}
	}
}

func TestPseudonyms(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^user-[a-z2-7]{20}$`)
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.StringN(32, 64, -1)
		key := keys.Draw(t, "key")
		other := keys.Filter(func(k string) bool { return k != key }).Draw(t, "other key")
		user := rapid.StringN(1, metric.MaxUserID, -1).Draw(t, "user")
		someone := rapid.String().Filter(func(s string) bool { return s != user && s != "" }).Draw(t, "someone else")

		p := newPseudonyms(t, key)
		got := p.Of(user)
		switch {
		case !form.MatchString(got) || len(got) > metric.MaxUserID:
			t.Fatalf("got %q", got)
		case newPseudonyms(t, key).Of(user) != got:
			t.Fatal("equal ids have different pseudonyms")
		case newPseudonyms(t, other).Of(user) == got:
			t.Fatal("different keys give one pseudonym")
		case p.Of(someone) == got:
			t.Fatal("different ids share a pseudonym")
		case p.Of(got) == got:
			t.Fatal("a pseudonym is not hashed")
		case p.Of("") != "":
			t.Fatal("the anonymous user has a pseudonym")
		}
	})
}

func TestNoPseudonymsKeepIDs(t *testing.T) {
	t.Parallel()
	if got := (*admin.Pseudonyms)(nil).Of("ada"); got != "ada" {
		t.Errorf("got %q", got)
	}
}

func TestPseudonymKeyIsLongEnough(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{
		"": false, strings.Repeat("k", 31): false, strings.Repeat("ü", 16): false,
		strings.Repeat("k", 32): true, strings.Repeat("ü", 32): true,
	} {
		_, err := admin.NewPseudonyms(key)
		if (err == nil) != ok {
			t.Errorf("%q: got error %v", key, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "privacy.key") || key != "" && strings.Contains(err.Error(), key)) {
			t.Errorf("%q: got %q, want the setting and not the key", key, err)
		}
	}
}

func BenchmarkPseudonym(b *testing.B) {
	p := newPseudonyms(b, "0123456789abcdef0123456789abcdef")
	b.ReportAllocs()
	for b.Loop() {
		p.Of("ada.lovelace@example.com")
	}
}
