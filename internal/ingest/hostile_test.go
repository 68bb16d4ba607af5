package ingest_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/ingest"
)

// What a client sends damaged is its own fault, wherever the damage is.
func TestDamagedCompressionIsABadBody(t *testing.T) {
	t.Parallel()
	whole := gzipped(`{"events":[` + strings.Repeat(goodEvent+",", 50) + goodEvent + `]}`).Bytes()
	opts := options()
	opts.ContentEncoding = "gzip"
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0xff
		_, _, err := ingest.DecodeEvents(bytes.NewReader(damaged), opts)
		var wrong *ingest.BodyError
		if err != nil && !errors.As(err, &wrong) {
			t.Fatalf("byte %d damaged: %v, want a *BodyError", i, err)
		}
	}
}

// What decompresses to nothing is not read without end.
func TestCompressedBodiesAreBounded(t *testing.T) {
	t.Parallel()
	empty := gzipped("").Bytes()
	body := bytes.NewReader(bytes.Repeat(empty, 10<<20/len(empty)))
	all := body.Len()
	opts := options()
	opts.ContentEncoding = "gzip"
	var wrong *ingest.BodyError
	if _, _, err := ingest.DecodeEvents(body, opts); !errors.As(err, &wrong) {
		t.Errorf("got %v, want a *BodyError", err)
	}
	if read := all - body.Len(); read > ingest.MaxEncodedBytes+1 {
		t.Errorf("%d bytes of %d are read, want %d at most", read, all, ingest.MaxEncodedBytes+1)
	}
}

// Not parallel: it counts what the whole process allocates.
func TestHostileBodiesTakeLittleMemory(t *testing.T) {
	const most = 64 << 20 // in all, at any time next to nothing
	for name, element := range map[string]string{"numbers": "0", "objects": "{}", "nulls": "null"} {
		n := (ingest.MaxBodyBytes - 20) / (len(element) + 1)
		body := `{"events":[` + strings.Repeat(element+",", n-1) + element + `]}`
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := ingest.DecodeEvents(strings.NewReader(body), options())
		runtime.ReadMemStats(&after)
		var many *ingest.ErrTooMany
		if !errors.As(err, &many) || many.Received != n {
			t.Errorf("%s: %v, want too many of %d", name, err, n)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("%s: %d MiB allocated for a body of 1 MiB", name, took>>20)
		}
	}
}
