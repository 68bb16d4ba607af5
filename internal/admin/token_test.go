package admin_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
)

// jwt returns a token with the given claims and no true signature.
func jwt(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("signature"))
}

func TestExpiryOf(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{
		"opaque":         "dapi0123456789abcdef",
		"empty":          "",
		"no claim":       jwt(`{"sub":"ada"}`),
		"null":           jwt(`{"exp":null}`),
		"text":           jwt(`{"exp":"1760790902"}`),
		"no object":      jwt(`[1760790902]`),
		"no JSON":        jwt(`exp=1760790902`),
		"beyond time":    jwt(`{"exp":1e300}`),
		"before time":    jwt(`{"exp":-1e300}`),
		"beyond float64": jwt(`{"exp":1e999}`),
		"two parts":      "a." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":1760790902}`)),
		"four parts":     jwt(`{"exp":1760790902}`) + ".",
		"encrypted":      "a..b.c.d",
		"other base64":   "a.ey+/.b",
	} {
		if got, ok := admin.ExpiryOf(token); ok {
			t.Errorf("%s: got %v, want none", name, got)
		}
	}
	for claims, want := range map[string]int64{
		`{"exp":1760790902}`:     1760790902,
		`{"exp":1760790902.75}`:  1760790902, // sooner is safe, later is not
		`{"exp":1.760790902e9}`:  1760790902,
		`{"exp":0,"sub":"ada"}`:  0,
		`{"aud":[1],"exp":-1.0}`: -1,
	} {
		if got, ok := admin.ExpiryOf(jwt(claims)); !ok || !got.Equal(time.Unix(want, 0)) {
			t.Errorf("%s: got %v and %v, want %v", claims, got, ok, want)
		}
	}
}

// Whatever a token is, its expiry is none, or a date that can be compared.
func FuzzExpiryOf(f *testing.F) {
	for _, token := range []string{
		"", "..", "dapi0123", jwt(`{"exp":1760790902}`), jwt(`{"exp":1e99}`), jwt(`{"exp":{}}`), jwt(`{"exp":1,"exp":null}`),
		jwt(strings.Repeat("[", 20_000)), "a.eyJleHAiOjF9", "a.eyJleHAiOjF9=.b",
	} {
		f.Add(token, int64(1760790902))
	}
	f.Fuzz(func(t *testing.T, token string, seconds int64) {
		if got, ok := admin.ExpiryOf(token); ok && (strings.Count(token, ".") != 2 || got.Year() < -1200 || got.Year() > 5200) {
			t.Errorf("%q: got %v", token, got)
		}
		seconds %= 1e11
		got, ok := admin.ExpiryOf(jwt(fmt.Sprintf(`{"jti":"x","exp":%d}`, seconds)))
		if !ok || got.Unix() != seconds {
			t.Errorf("%d: got %v and %v", seconds, got, ok)
		}
	})
}
