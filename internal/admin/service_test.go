package admin_test

import (
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

func TestServiceTokens(t *testing.T) {
	t.Parallel()
	tokens, err := admin.ParseServiceTokens([]string{
		admin.HashToken("first"), " " + strings.ToUpper(admin.HashToken("second")) + " ", admin.HashToken("second"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{
		"first": true, "second": true, "third": false, "": false, "firs": false, "first\n": false,
		admin.HashToken("first"): false,
	} {
		if got := tokens.Match(token); got != want {
			t.Errorf("%q: got %v, want %v", token, got, want)
		}
	}
	if (admin.ServiceTokens{}).Match("first") {
		t.Error("no tokens match one")
	}
}

func TestParseServiceTokensRefuses(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]string{
		"the secret itself": "my-secret-token",
		"too short":         admin.HashToken("x")[:62],
		"too long":          admin.HashToken("x") + "00",
		"empty":             "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := admin.ParseServiceTokens([]string{admin.HashToken("fine"), hash})
			if err == nil || !strings.Contains(err.Error(), "auth.service_tokens[1]") {
				t.Errorf("got %v, want an error that names the entry", err)
			}
			if err != nil && strings.Contains(err.Error(), "my-secret-token") {
				t.Errorf("%v tells the secret", err)
			}
		})
	}
}
