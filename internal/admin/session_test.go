package admin_test

import (
	"context"
	"errors"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks"
)

func TestSession(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		user databricks.User
		err  error
		want admin.Identity
		kind error
	}{
		{name: "admin", user: databricks.User{Name: "ada@example.com", Groups: []string{"Admins"}, Active: true},
			want: admin.Identity{UserID: "ada@example.com", Admin: true}},
		{name: "another user", user: databricks.User{Name: "bob@example.com", Groups: []string{"users"}, Active: true},
			want: admin.Identity{UserID: "bob@example.com"}, kind: admin.ErrForbidden},
		{name: "no groups", user: databricks.User{Name: "bob@example.com", Active: true},
			want: admin.Identity{UserID: "bob@example.com"}, kind: admin.ErrForbidden},
		{name: "inactive", user: databricks.User{Name: "ada@example.com", Groups: []string{"admins"}}, kind: admin.ErrUnauthenticated},
		{name: "not logged in", err: databricks.ErrUnauthenticated, kind: admin.ErrUnauthenticated},
		{name: "not allowed", err: databricks.ErrForbidden, kind: admin.ErrForbidden},
		{name: "workspace away", err: databricks.ErrUnavailable, kind: admin.ErrUnverifiable},
		{name: "interrupted", ctx: gone, err: context.Canceled, kind: context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx := test.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			s := admin.Session{
				User:   func(context.Context) (databricks.User, error) { return test.user, test.err },
				Groups: []string{"admins"},
			}
			// What the credentials show is somebody else's, and of no account.
			got, err := admin.RequireAdmin(ctx, s, admin.Credentials{Token: "mallory-token"})
			if got != test.want || !errors.Is(err, test.kind) {
				t.Errorf("got %+v and error %v, want %+v and %v", got, err, test.want, test.kind)
			}
		})
	}
}
