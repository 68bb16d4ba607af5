package workspacetest

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// tokenLife is how long the access tokens of service principals are good for.
const tokenLife = time.Hour

type principal struct {
	secret string
	user   databricks.User
}

// origin is the URL under which the client reached the workspace.
func origin(r *http.Request) string {
	if r.URL.Scheme != "" { // through Transport
		return r.URL.Scheme + "://" + r.Host
	}
	return "http://" + r.Host
}

func (w *Workspace) metadata(rw http.ResponseWriter, r *http.Request) {
	reply(rw, http.StatusOK, map[string]any{
		"oidc_endpoint": origin(r) + "/oidc",
		"account_id":    "5c7a1b7e-0f4f-4c0e-9f44-2f3f5f1f0c11",
		"workspace_id":  "6051921418418893",
		"cloud":         "AWS",
		"host_type":     "workspace",
	})
}

func (w *Workspace) discovery(rw http.ResponseWriter, r *http.Request) {
	oidc := origin(r) + "/oidc"
	reply(rw, http.StatusOK, map[string]any{
		"issuer":                                oidc,
		"authorization_endpoint":                oidc + "/v1/authorize",
		"token_endpoint":                        oidc + "/v1/token",
		"grant_types_supported":                 []string{"client_credentials", "authorization_code", "refresh_token"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "none"},
		"scopes_supported":                      []string{"all-apis", "email", "offline_access", "openid", "profile", "sql"},
	})
}

// token is the client credentials grant of RFC 6749, section 4.4.
func (w *Workspace) token(rw http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" {
		reply(rw, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
		return
	}
	clientID, secret, _ := r.BasicAuth()
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.principals[clientID]
	if !ok || p.secret != secret {
		reply(rw, http.StatusUnauthorized, map[string]any{
			"error": "invalid_client", "error_description": "Client authentication failed",
		})
		return
	}
	issued := accessToken(clientID, time.Now())
	w.users[issued] = p.user
	reply(rw, http.StatusOK, map[string]any{
		"access_token": issued,
		"token_type":   "Bearer",
		"scope":        "all-apis",
		"expires_in":   int(tokenLife.Seconds()),
	})
}

// accessToken has the form of the real ones: a JWT. Nobody verifies it.
func accessToken(clientID string, now time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	header := encode([]byte(`{"alg":"RS256","typ":"at+jwt"}`))
	claims := encode(fmt.Appendf(nil, `{"sub":%q,"client_id":%q,"scope":"all-apis","iat":%d,"exp":%d}`,
		clientID, clientID, now.Unix(), now.Add(tokenLife).Unix()))
	return header + "." + claims + "." + encode([]byte(rand.Text()))
}
