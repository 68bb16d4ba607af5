package admin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"unicode/utf8"
)

const (
	// minPseudonymKey is the least length of the key, in characters.
	minPseudonymKey = 32

	pseudonymPrefix = "user-"
	// pseudonymLetters are 100 bits: among a billion users the chance that any
	// two share a pseudonym is below one in a trillion.
	pseudonymLetters = 20
)

// lowerBase32 is that of RFC 4648 in lower case.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")

// Pseudonyms replaces user ids by keyed hashes, so that what is stored and
// shown names nobody. The same id becomes the same pseudonym as long as the
// key stays. A nil *Pseudonyms keeps every id. Safe for concurrent use.
type Pseudonyms struct {
	key     []byte
	letters *base32.Encoding
}

// NewPseudonyms returns the pseudonyms under a key of at least 32 characters.
// The error does not tell the key.
func NewPseudonyms(key string) (*Pseudonyms, error) {
	if utf8.RuneCountInString(key) < minPseudonymKey {
		return nil, fmt.Errorf("privacy.key: want at least %d random characters, such as those of openssl rand -hex 32", minPseudonymKey)
	}
	return &Pseudonyms{
		key:     []byte(key),
		letters: base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding),
	}, nil
}

// Of returns the pseudonym of a user: "user-" and the first 20 characters of
// the HMAC-SHA256 in lower-case base32. The anonymous user, "", stays "". What
// already looks like a pseudonym is an id like any other.
func (p *Pseudonyms) Of(user string) string {
	if p == nil || user == "" {
		return user
	}
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(user))
	return pseudonymPrefix + lowerBase32.EncodeToString(mac.Sum(nil))[:pseudonymLetters]
}
