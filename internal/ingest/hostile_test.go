package ingest_test

import (
	"bytes"
	"errors"
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
