package sketch

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Hash returns the 64-bit xxHash of a user id, by which the sketches know
// users. Stored sketches depend on it: it never changes.
func Hash(user string) uint64 { return xxhash.Sum64String(user) }

const (
	// MaxExact is the largest number of users that Distinct counts exactly.
	// Above it the standard error of the count is 1/sqrt(MaxExact), 1.6 %.
	MaxExact = 4096

	// kept is one more, so that exactly MaxExact users can be told from more.
	kept = MaxExact + 1
)

// Distinct counts different users by keeping the lowest hashes it has seen: as
// hashes are spread evenly, how close together the lowest ones lie says how
// many there are (bottom-k sketch; Bar-Yossef et al., "Counting Distinct
// Elements in a Data Stream", RANDOM 2002). It needs at most 128 KB.
type Distinct struct {
	// table is a hash set with linear probing. 0 marks a free place; its
	// length is a power of two.
	table []uint64
	used  int

	// limit is the highest hash that may still be among the lowest, or 0
	// while every one may.
	limit uint64
}

// Add counts a user who may have been counted before.
func (d *Distinct) Add(user string) { d.AddHash(Hash(user)) }

// AddHash is Add for a user whose Hash is known.
func (d *Distinct) AddHash(hash uint64) {
	hash = max(hash, 1) // 0 marks free places
	if d.limit != 0 && hash > d.limit {
		return
	}
	if d.used >= len(d.table)/4*3 {
		d.resize(max(8, 2*len(d.table)))
	}
	if d.insert(hash) && d.used == 2*kept {
		d.prune()
	}
}

// Merge adds all users of o, which stays as it is.
func (d *Distinct) Merge(o *Distinct) {
	for _, hash := range o.table {
		if hash != 0 {
			d.AddHash(hash)
		}
	}
}

// Count returns the number of different users: exact up to MaxExact, an
// estimate with a standard error of 1.6 % above.
func (d *Distinct) Count() uint64 {
	if d.used <= MaxExact {
		return uint64(d.used)
	}
	lowest := d.lowest()
	share := float64(lowest[kept-1]) / (1 << 64)
	return uint64(math.Round(MaxExact / share))
}

// AppendBinary appends the encoding to b: the lowest hashes in ascending
// order, eight bytes each. (Differences of hashes are as random as the hashes
// and in varints take more room, not less.) The error is always nil.
func (d *Distinct) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, distinctV1)
	for _, hash := range d.lowest() {
		b = binary.BigEndian.AppendUint64(b, hash)
	}
	return b, nil
}

// UnmarshalBinary replaces d by what b encodes. It refuses, with ErrEncoding,
// all that AppendBinary does not write.
func (d *Distinct) UnmarshalBinary(b []byte) error {
	var decoded Distinct
	if err := decoded.MergeBinary(b); err != nil {
		return err
	}
	*d = decoded
	return nil
}

// MergeBinary adds the users that b encodes, without building a Distinct.
func (d *Distinct) MergeBinary(b []byte) error {
	b, err := payload(b, distinctV1)
	if err != nil {
		return err
	}
	if len(b)%8 != 0 || len(b)/8 > kept {
		return fmt.Errorf("%w: %d bytes of users", ErrEncoding, len(b))
	}
	previous := uint64(0)
	for rest := b; len(rest) > 0; rest = rest[8:] {
		hash := binary.BigEndian.Uint64(rest)
		if hash <= previous {
			return fmt.Errorf("%w: users out of order", ErrEncoding)
		}
		previous = hash
	}
	if n := len(b) / 8; d.used == 0 && n > 0 {
		d.resize(max(8, 1<<bits.Len(uint(n*4/3))))
	}
	for ; len(b) > 0; b = b[8:] {
		hash := binary.BigEndian.Uint64(b)
		if d.limit != 0 && hash > d.limit {
			break // so are all that follow
		}
		if d.table[hash&uint64(len(d.table)-1)] == hash {
			continue // most users come again
		}
		d.AddHash(hash)
	}
	return nil
}

// insert returns false when the hash was there already.
func (d *Distinct) insert(hash uint64) bool {
	mask := uint64(len(d.table) - 1)
	i := hash & mask
	for d.table[i] != 0 {
		if d.table[i] == hash {
			return false
		}
		i = (i + 1) & mask
	}
	d.table[i] = hash
	d.used++
	return true
}

// lowest returns the lowest hashes, at most kept, in ascending order.
func (d *Distinct) lowest() []uint64 {
	hashes := make([]uint64, 0, d.used)
	for _, hash := range d.table {
		if hash != 0 {
			hashes = append(hashes, hash)
		}
	}
	slices.Sort(hashes)
	return hashes[:min(len(hashes), kept)]
}

// prune drops all but the lowest hashes.
func (d *Distinct) prune() {
	hashes := d.lowest()
	d.limit = hashes[len(hashes)-1]
	clear(d.table)
	d.used = 0
	for _, hash := range hashes {
		d.insert(hash)
	}
}

func (d *Distinct) resize(size int) {
	old := d.table
	d.table, d.used = make([]uint64, size), 0
	for _, hash := range old {
		if hash != 0 {
			d.insert(hash)
		}
	}
}
