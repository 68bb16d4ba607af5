package admin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// decisions remembers what was decided about tokens, the least recently used
// being forgotten first. It never holds a token: its keys are HMACs under a
// secret that does not outlive the process. Safe for concurrent use.
type decisions struct {
	secret  [sha256.Size]byte
	entries *lru.Cache[tokenKey, decision]
}

type tokenKey [sha256.Size]byte

type decision struct {
	identity Identity
	expires  time.Time // absolute: looking at it changes nothing
}

func newDecisions(size int) *decisions {
	entries, err := lru.New[tokenKey, decision](size)
	if err != nil {
		panic(err) // only for a size below 1
	}
	d := &decisions{entries: entries}
	_, _ = rand.Read(d.secret[:]) // never fails: crypto/rand ends the process instead
	return d
}

func (d *decisions) key(token string) tokenKey {
	mac := hmac.New(sha256.New, d.secret[:])
	mac.Write([]byte(token))
	return tokenKey(mac.Sum(nil))
}

// get returns what was decided, unless it has expired by now.
func (d *decisions) get(key tokenKey, now time.Time) (Identity, bool) {
	found, ok := d.entries.Get(key)
	if !ok || !now.Before(found.expires) {
		return Identity{}, false
	}
	return found.identity, true
}

func (d *decisions) put(key tokenKey, identity Identity, expires time.Time) {
	d.entries.Add(key, decision{identity: identity, expires: expires})
}
