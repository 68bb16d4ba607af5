package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
)

// ServiceTokens are the hashes of the static secrets by which programs may
// post requests. The zero value matches nothing. Safe for concurrent use.
type ServiceTokens struct {
	hashes [][sha256.Size]byte
}

// HashToken returns the form in which the configuration holds a service token:
// its SHA-256 in hexadecimal. A plain hash is enough for secrets of 128 random
// bits or more, which cannot be guessed at any speed.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// ParseServiceTokens reads hashes as HashToken writes them. The error names the
// entry by its position, never its text: it may be a secret set by mistake.
func ParseServiceTokens(hashes []string) (ServiceTokens, error) {
	var t ServiceTokens
	for i, text := range hashes {
		raw, err := hex.DecodeString(strings.TrimSpace(text))
		if err != nil || len(raw) != sha256.Size {
			return ServiceTokens{}, fmt.Errorf("auth.service_tokens[%d]: want the token's SHA-256"+
				" as 64 hexadecimal digits (printf %%s TOKEN | sha256sum)", i)
		}
		t.hashes = append(t.hashes, [sha256.Size]byte(raw))
	}
	return t, nil
}

// Match reports whether token is one of the service tokens. How long it takes
// tells nothing about the secrets: hashes are compared, in constant time, and
// every one of them.
func (t ServiceTokens) Match(token string) bool {
	if token == "" {
		return false
	}
	sum := sha256.Sum256([]byte(token))
	found := 0
	for _, hash := range t.hashes {
		found |= subtle.ConstantTimeCompare(sum[:], hash[:])
	}
	return found == 1
}
