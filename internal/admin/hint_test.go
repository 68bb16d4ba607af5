package admin_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

func TestHint(t *testing.T) {
	t.Parallel()
	hinted := admin.WithHint(admin.ErrUnauthenticated, "sign in again")
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"none", admin.ErrUnauthenticated, ""},
		{"no error", nil, ""},
		{"empty", admin.WithHint(admin.ErrUnauthenticated, ""), ""},
		{"hint", hinted, "sign in again"},
		{"wrapped", fmt.Errorf("check: %w", hinted), "sign in again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := admin.Hint(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if !errors.Is(hinted, admin.ErrUnauthenticated) {
		t.Error("a hint changes the kind of the error")
	}
	if got, want := hinted.Error(), "A valid access token is required: sign in again"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
