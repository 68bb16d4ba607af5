package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

// FuzzServiceTokens holds that errors tell nothing of the secrets, and that a
// token matches its own hash alone.
func FuzzServiceTokens(f *testing.F) {
	f.Add("secret", admin.HashToken("secret"))
	f.Add("", admin.HashToken(""))
	f.Add("secret", "secret")
	f.Add("x", strings.ToUpper(admin.HashToken("x"))+" ")
	f.Fuzz(func(t *testing.T, token, hash string) {
		tokens, err := admin.ParseServiceTokens([]string{hash})
		if err != nil {
			if len(hash) > 12 && strings.Contains(err.Error(), hash) {
				t.Fatalf("the error tells the entry: %v", err)
			}
			return
		}
		same := strings.EqualFold(strings.TrimSpace(hash), admin.HashToken(token)) && token != ""
		if tokens.Match(token) != same {
			t.Fatalf("%q matches %q: %v", token, hash, !same)
		}
	})
}

// FuzzCredentials reads any headers: two of a kind show nothing, and nothing is
// made up.
func FuzzCredentials(f *testing.F) {
	f.Add("token", "", "Bearer other", "")
	f.Add("", "", "bearer  x", "")
	f.Add("a", "b", "", "")
	f.Add(" ", "", "Basic x", "Bearer y")
	f.Fuzz(func(t *testing.T, first, second, authorization, another string) {
		r := &http.Request{Header: http.Header{}}
		for name, values := range map[string][2]string{"X-Forwarded-Access-Token": {first, second}, "Authorization": {authorization, another}} {
			for _, value := range values {
				if value != "" {
					r.Header.Add(name, value)
				}
			}
		}
		got := admin.FromRequest(r).Token
		if second != "" && first != "" || authorization != "" && another != "" {
			if got != "" {
				t.Fatalf("two tokens are %q", got)
			}
			return
		}
		if got != strings.TrimSpace(got) || !strings.Contains(first+second+authorization+another, got) {
			t.Fatalf("a token %q", got)
		}
	})
}
