package sketch_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

func TestDecodersRefuseWhatIsNotCanonical(t *testing.T) {
	t.Parallel()
	user := func(hash uint64) string { return string(binary.BigEndian.AppendUint64(nil, hash)) }
	tests := map[string]struct {
		into interface{ MergeBinary([]byte) error }
		b    string
	}{
		"histogram: nothing":                   {&sketch.Histogram{}, ""},
		"histogram: unknown version":           {&sketch.Histogram{}, "\x12"},
		"histogram: another type":              {&sketch.Histogram{}, "\x21"},
		"histogram: gap without count":         {&sketch.Histogram{}, "\x11\x05"},
		"histogram: count of zero":             {&sketch.Histogram{}, "\x11\x05\x00"},
		"histogram: overlong gap":              {&sketch.Histogram{}, "\x11\x85\x00\x01"},
		"histogram: overlong count":            {&sketch.Histogram{}, "\x11\x05\x81\x00"},
		"histogram: count beyond BIGINT":       {&sketch.Histogram{}, "\x11\x05\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"},
		"histogram: count beyond 64 bits":      {&sketch.Histogram{}, "\x11\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"},
		"histogram: first bucket out of range": {&sketch.Histogram{}, "\x11\x9b\x10\x01"},
		"histogram: bucket after the last":     {&sketch.Histogram{}, "\x11\x9a\x10\x01\x00\x01"},
		"histogram: huge gap":                  {&sketch.Histogram{}, "\x11\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"},
		"histogram: good bucket, then a bad":   {&sketch.Histogram{}, "\x11\x05\x01\x05\x00"},
		"distinct: nothing":                    {&sketch.Distinct{}, ""},
		"distinct: another type":               {&sketch.Distinct{}, "\x11"},
		"distinct: part of a hash":             {&sketch.Distinct{}, "\x21" + user(1)[:7]},
		"distinct: a hash of zero":             {&sketch.Distinct{}, "\x21" + user(0)},
		"distinct: twice the same":             {&sketch.Distinct{}, "\x21" + user(7) + user(7)},
		"distinct: out of order":               {&sketch.Distinct{}, "\x21" + user(7) + user(6)},
		"distinct: too many":                   {&sketch.Distinct{}, "\x21" + strings.Repeat(user(7), sketch.MaxExact+2)},
		"tally: nothing":                       {&sketch.Tally{}, ""},
		"tally: part of a hash":                {&sketch.Tally{}, "\x31" + user(1)},
		"tally: count of zero":                 {&sketch.Tally{}, "\x31" + user(1) + "\x00"},
		"tally: overlong count":                {&sketch.Tally{}, "\x31" + user(1) + "\x81\x00"},
		"tally: twice the same":                {&sketch.Tally{}, "\x31" + user(1) + "\x01" + user(1) + "\x01"},
		"tally: twice a hash of zero":          {&sketch.Tally{}, "\x31" + user(0) + "\x01" + user(0) + "\x01"},
		"tally: out of order":                  {&sketch.Tally{}, "\x31" + user(2) + "\x01" + user(1) + "\x01"},
	}
	for name, test := range tests {
		if err := test.into.MergeBinary([]byte(test.b)); !errors.Is(err, sketch.ErrEncoding) {
			t.Errorf("%s: got %v, want ErrEncoding", name, err)
		}
		after := encoded(t, test.into.(interface {
			AppendBinary([]byte) ([]byte, error)
		}))
		if len(after) != 1 {
			t.Errorf("%s: a refused encoding left %x behind", name, after)
		}
	}
}

func TestEncodingsOfVersion1(t *testing.T) {
	t.Parallel()
	var h sketch.Histogram
	h.AddBucket(sketch.ZeroIndex, 2)
	h.AddBucket(-1036, 1)
	h.AddBucket(0, 300)
	h.AddBucket(1037, 1)
	var d sketch.Distinct
	d.AddHash(3)
	d.AddHash(1 << 56)
	var tally sketch.Tally
	tally.AddHash(0, 1)
	tally.AddHash(3, 300)
	for name, test := range map[string]struct{ got, want string }{
		"histogram": {encoded(t, &h), "\x11\x00\x02\x00\x01\x8b\x08\xac\x02\x8c\x08\x01"},
		"distinct":  {encoded(t, &d), "\x21\x00\x00\x00\x00\x00\x00\x00\x03\x01\x00\x00\x00\x00\x00\x00\x00"},
		"tally":     {encoded(t, &tally), "\x31\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\xac\x02"},
	} {
		if test.got != test.want {
			t.Errorf("%s: encoded as %x, want %x: stored rollups would not be read", name, test.got, test.want)
		}
	}
}

func FuzzHistogram(f *testing.F) {
	fuzzDecoder[sketch.Histogram](f, "\x11", "\x11\x00\x02\x8c\x08\xac\x02\x8c\x08\x01", "\x11\x9a\x10\x01", "\x11\x85\x00\x01")
}

func FuzzDistinct(f *testing.F) {
	fuzzDecoder[sketch.Distinct](f, "\x21", "\x21\x00\x00\x00\x00\x00\x00\x00\x03\x01\x00\x00\x00\x00\x00\x00\x00", "\x21\x00")
}

func FuzzTally(f *testing.F) {
	fuzzDecoder[sketch.Tally](f, "\x31", "\x31\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\xac\x02", "\x31\x01")
}

// fuzzDecoder asserts that bytes are either refused, with nothing changed, or
// are exactly what encoding their contents gives.
func fuzzDecoder[S any, P mergeable[S]](f *testing.F, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		into := P(new(S))
		if err := into.UnmarshalBinary(b); err != nil {
			if !errors.Is(err, sketch.ErrEncoding) {
				t.Errorf("UnmarshalBinary(%x) = %v, want ErrEncoding", b, err)
			}
			if got := encoded(t, into); len(got) != 1 {
				t.Errorf("UnmarshalBinary(%x) failed and left %x", b, got)
			}
			return
		}
		if got := encoded(t, into); !bytes.Equal([]byte(got), b) {
			t.Errorf("%x was accepted and encodes as %x", b, got)
		}
	})
}
