package sketch

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Tally counts events per user, exactly. Its size grows with the users.
type Tally struct {
	counts map[uint64]uint64 // by Hash
	total  uint64
}

// Add counts n events of a user.
func (t *Tally) Add(user string, n uint64) { t.AddHash(Hash(user), n) }

// AddHash is Add for a user whose Hash is known.
func (t *Tally) AddHash(hash, n uint64) {
	if n == 0 {
		return
	}
	if t.counts == nil {
		t.counts = make(map[uint64]uint64)
	}
	n = min(n, maxCount)
	t.counts[hash] = addCounts(t.counts[hash], n)
	t.total = addCounts(t.total, n)
}

// Merge adds all counts of o, which stays as it is.
func (t *Tally) Merge(o *Tally) {
	for hash, n := range o.counts {
		t.AddHash(hash, n)
	}
}

// Get returns how many events of the user were counted.
func (t *Tally) Get(user string) uint64 { return t.counts[Hash(user)] }

// Total returns how many events were counted.
func (t *Tally) Total() uint64 { return t.total }

// AppendBinary appends the encoding to b: for every user, in the order of
// their hashes, the hash in eight bytes and the count as a varint. The error
// is always nil.
func (t *Tally) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, tallyV1)
	for _, hash := range slices.Sorted(maps.Keys(t.counts)) {
		b = binary.BigEndian.AppendUint64(b, hash)
		b = binary.AppendUvarint(b, t.counts[hash])
	}
	return b, nil
}

// UnmarshalBinary replaces t by what b encodes. It refuses, with ErrEncoding,
// all that AppendBinary does not write.
func (t *Tally) UnmarshalBinary(b []byte) error {
	var decoded Tally
	if err := decoded.MergeBinary(b); err != nil {
		return err
	}
	*t = decoded
	return nil
}

// MergeBinary adds the counts that b encodes, without building a Tally.
func (t *Tally) MergeBinary(b []byte) error {
	b, err := payload(b, tallyV1)
	if err != nil {
		return err
	}
	if !checkTally(b) {
		return fmt.Errorf("%w: counts of users", ErrEncoding)
	}
	for len(b) > 0 {
		n, size := uvarint(b[8:])
		t.AddHash(binary.BigEndian.Uint64(b), n)
		b = b[8+size:]
	}
	return nil
}

func checkTally(b []byte) bool {
	previous := uint64(0)
	for first := true; len(b) > 0; first = false {
		if len(b) < 9 {
			return false
		}
		hash := binary.BigEndian.Uint64(b)
		_, size := countAt(b[8:])
		if size == 0 || (hash <= previous && !first) {
			return false
		}
		previous = hash
		b = b[8+size:]
	}
	return true
}
