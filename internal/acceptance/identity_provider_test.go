//go:build acceptance

package acceptance

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// identityProvider is an OpenID Connect provider that believes whoever signs
// in: as much of the protocol as oauth2-proxy asks for.
type identityProvider struct {
	*httptest.Server
	key    *rsa.PrivateKey
	groups map[string][]string // by e-mail address
}

func startIdentityProvider(t *testing.T, groups map[string][]string) *identityProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &identityProvider{key: key, groups: groups}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /keys", p.keys)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *identityProvider) discovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]any{
		"issuer":                                p.URL,
		"authorization_endpoint":                p.URL + "/authorize",
		"token_endpoint":                        p.URL + "/token",
		"jwks_uri":                              p.URL + "/keys",
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

// authorize signs in the user of login_hint; the code is their address.
func (p *identityProvider) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	back := url.Values{"code": {asked.Get("login_hint")}, "state": {asked.Get("state")}}
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *identityProvider) token(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, map[string]any{
		"access_token": "unused", "token_type": "Bearer", "expires_in": 3600,
		"id_token": p.idToken(r.PostFormValue("code")),
	})
}

// idToken returns the proof of who a user is.
func (p *identityProvider) idToken(user string) string {
	now := time.Now()
	return p.sign(map[string]any{
		"iss": p.URL, "aud": "appmetrics", "sub": "id-of-" + user,
		"email": user, "email_verified": true, "groups": p.groups[user],
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
}

func (p *identityProvider) keys(w http.ResponseWriter, _ *http.Request) {
	encode := base64.RawURLEncoding.EncodeToString
	writeJSON(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
		"n": encode(p.key.N.Bytes()), "e": encode(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

// sign returns claims as a JSON Web Token.
func (p *identityProvider) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err) // of strings and numbers: cannot be
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // of a key that was just made: cannot be
	}
	return signed + "." + encode(signature)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever hung up needs no answer
}
