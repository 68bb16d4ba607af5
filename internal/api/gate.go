package api

import (
	"context"
	"net/http"

	"github.com/appmetrics/appmetrics/internal/admin"
)

// guard says who is asking, or why they may not.
type guard func(context.Context, admin.Credentials) (admin.Identity, error)

func (h *handler) anyone(ctx context.Context, c admin.Credentials) (admin.Identity, error) {
	return h.Checker.Check(ctx, c)
}

func (h *handler) admins(ctx context.Context, c admin.Credentials) (admin.Identity, error) {
	return admin.RequireAdmin(ctx, h.Checker, c)
}

func (h *handler) adminsAndServices(ctx context.Context, c admin.Credentials) (admin.Identity, error) {
	if h.ServiceTokens.Match(c.Token) {
		return admin.Identity{Service: true}, nil
	}
	return h.admins(ctx, c)
}

// gate lets a request through to an operation: first who asks, then whether
// the parameters are ones that the document allows.
func (h *handler) gate(who guard, operation http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, err := who(r.Context(), admin.FromRequest(r))
		if err != nil {
			h.fail(w, r, err)
			return
		}
		identity.UserID = h.Pseudonym(identity.UserID) // from here on nobody needs more
		if err := checkParameters(h.document.parameters[r.Pattern], r.URL.RawQuery); err != nil {
			if r.Method == http.MethodPost {
				h.countRefused(err, 0)
			}
			h.fail(w, r, err)
			return
		}
		operation(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, identity)))
	})
}

type identityKey struct{}

// identityOf returns who passed the gate.
func identityOf(ctx context.Context) admin.Identity {
	identity, _ := ctx.Value(identityKey{}).(admin.Identity) // every operation is behind the gate
	return identity
}
