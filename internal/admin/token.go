package admin

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// expiryOf returns when a token says that it expires, by the claim exp of a
// JSON Web Token (RFC 7519, section 4.1.4). Tokens of any other form say
// nothing. The signature is not looked at: whoever verified the token is asked
// first, and this can only make a decision expire sooner.
func expiryOf(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}, false
	}
	var claims struct {
		Expires *float64 `json:"exp"` // seconds, with or without a fraction
	}
	// 1e11 seconds are some three thousand years: no date, and safe to convert.
	const most = 1e11
	if json.Unmarshal(payload, &claims) != nil || claims.Expires == nil || *claims.Expires < -most || *claims.Expires > most {
		return time.Time{}, false
	}
	return time.Unix(int64(*claims.Expires), 0), true
}
