package metric

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"time"
)

// figuresV1 is the version of the encoding of figures, its first byte.
const figuresV1 = 1

// errFigures is returned for bytes that AppendFigures does not write.
var errFigures = errors.New("not a valid encoding of figures")

// AppendFigures appends to b the numbers of the rollup, in a form that
// MergeFigures reads in a tenth of the time that DecodeValues takes for the
// document: questions read hundreds of thousands of rollups. It appends nothing
// for a rollup with counts by page, which only the document holds.
//
// The encoding is a byte of version and then varints, response times in eight
// bytes. The sketches are not part of it.
func (r *Rollup) AppendFigures(b []byte) []byte {
	if len(r.Pages) > 0 {
		return b
	}
	b = append(b, figuresV1)
	b = appendCounts(b, r.Count, r.Anonymous, r.OpaqueUsers)
	switch r.Kind {
	case KindPerformance:
		b = appendCounts(b, r.SumNS, r.ErrorCount)
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.MinMS))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.MaxMS))
		for _, code := range slices.Sorted(maps.Keys(r.StatusCodes)) {
			b = binary.AppendVarint(b, int64(code))
			b = appendCounts(b, r.StatusCodes[code])
		}
	case KindUsage:
		b = appendCounts(b, r.SuccessCount, r.FailureCount)
	case KindError:
		b = binary.AppendVarint(b, micros(r.FirstSeen))
		b = binary.AppendVarint(b, micros(r.LastSeen))
	case KindUser: // the count is all
	}
	return b
}

func appendCounts(b []byte, counts ...int64) []byte {
	for _, n := range counts {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// never stands for the zero time among microseconds since 1970.
const never = math.MinInt64

func micros(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == never {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// MergeFigures adds to r, without building a rollup, the numbers of one of the
// kind of r that b encodes. It returns an error, and adds nothing, for what
// AppendFigures does not write.
func (r *Rollup) MergeFigures(b []byte) error {
	if len(b) == 0 || b[0] != figuresV1 {
		return errFigures
	}
	in := figures{rest: b[1:]}
	o := Rollup{Count: in.count(), Anonymous: in.count(), OpaqueUsers: in.count()}
	var codes []byte
	switch r.Kind {
	case KindPerformance:
		o.SumNS, o.ErrorCount = in.count(), in.count()
		o.MinMS, o.MaxMS = in.float(), in.float()
		codes = in.rest
		for len(in.rest) > 0 && !in.bad {
			_, _ = in.varint(), in.count()
		}
	case KindUsage:
		o.SuccessCount, o.FailureCount = in.count(), in.count()
	case KindError:
		o.FirstSeen, o.LastSeen = fromMicros(in.varint()), fromMicros(in.varint())
	case KindUser: // the count is all
	}
	if in.bad || len(in.rest) > 0 {
		return errFigures
	}
	r.Merge(&o)
	if len(codes) > 0 && r.StatusCodes == nil {
		r.StatusCodes = make(map[int]int64)
	}
	for in = (figures{rest: codes}); len(in.rest) > 0; {
		code := int(in.varint())
		r.StatusCodes[code] = AddCounts(r.StatusCodes[code], in.count())
	}
	return nil
}

// figures reads an encoding from its front.
type figures struct {
	rest []byte
	bad  bool
}

func (f *figures) count() int64 {
	v, n := binary.Uvarint(f.rest)
	if n <= 0 || v > math.MaxInt64 {
		f.bad = true
		return 0
	}
	f.rest = f.rest[n:]
	return int64(v)
}

func (f *figures) varint() int64 {
	v, n := binary.Varint(f.rest)
	if n <= 0 {
		f.bad = true
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

// float returns a response time: finite and not negative.
func (f *figures) float() float64 {
	if len(f.rest) < 8 {
		f.bad = true
		return 0
	}
	v := math.Float64frombits(binary.BigEndian.Uint64(f.rest))
	f.rest = f.rest[8:]
	if !(v >= 0) || math.IsInf(v, 1) {
		f.bad = true
	}
	return v
}
