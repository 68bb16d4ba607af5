package ingest_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/appmetrics/appmetrics/internal/ingest"
)

// FuzzZippedBody inflates anything: it is taken or refused, and never a failure
// of ours.
func FuzzZippedBody(f *testing.F) {
	f.Add(gzipped(list(`{` + plain + `}`)).Bytes())
	f.Add(append(gzipped(`{"events":`).Bytes(), gzipped(`[]}`).Bytes()...))
	f.Add([]byte("\x1f\x8b\x08\x1f"))
	opts := options()
	opts.ContentEncoding = "gzip"
	opts.Bodies = ingest.NewBodies(4 << 20)
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _, err := ingest.DecodeEvents(bytes.NewReader(body), opts)
		if err != nil && !errors.As(err, new(*ingest.BodyError)) && !errors.As(err, new(*ingest.ErrTooMany)) && !errors.Is(err, ingest.ErrTooLarge) {
			t.Fatalf("%T: %v", err, err)
		}
	})
}
