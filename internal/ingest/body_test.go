package ingest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/appmetrics/appmetrics/internal/ingest"
)

// Senders that never finish hold what they have sent, and no more; when the
// room is full, others are told to come back, and have it once it is free.
func TestBodiesShareTheirRoom(t *testing.T) {
	t.Parallel()
	const senders, room = 8, 8 * (8 << 10) // beside the first 8 KiB of each
	opts := options()
	opts.Bodies = ingest.NewBodies(room)
	opening := `{"events":[` + strings.Repeat(" ", 15<<10)
	ended := make(chan error, senders)
	writers := make([]*io.PipeWriter, senders)
	for i := range writers {
		var body *io.PipeReader
		body, writers[i] = io.Pipe()
		go func() {
			_, _, err := ingest.DecodeEvents(body, opts)
			ended <- err
		}()
		if _, err := io.WriteString(writers[i], opening); err != nil { // returns once it is read
			t.Fatal(err)
		}
	}
	small := `{"events":[` + goodEvent + `]}`
	if _, _, err := ingest.DecodeEvents(strings.NewReader(small), opts); err != nil {
		t.Errorf("a small one beside them: %v", err)
	}
	var busy *ingest.UnavailableError
	if _, _, err := ingest.DecodeEvents(strings.NewReader(small+strings.Repeat(" ", 16<<10)), opts); !errors.As(err, &busy) || !errors.Is(err, ingest.ErrNoRoom) || busy.RetryAfter <= 0 {
		t.Errorf("in a full room: %v, want a *UnavailableError", err)
	}
	for _, w := range writers {
		if _, err := io.WriteString(w, goodEvent+`]}`); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range senders {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	full := small + strings.Repeat(" ", 60<<10)
	for range 3 {
		if _, _, err := ingest.DecodeEvents(strings.NewReader(full), opts); err != nil {
			t.Errorf("in an empty room: %v", err)
		}
	}
	zipped := opts
	zipped.ContentEncoding = "gzip"
	for range 3 {
		if _, _, err := ingest.DecodeEvents(gzipped(small), zipped); err != nil {
			t.Errorf("gzip: %v", err)
		}
	}
	zipped.Bodies = ingest.NewBodies(32 << 10) // less than it takes to decompress anything
	if _, _, err := ingest.DecodeEvents(gzipped(small), zipped); !errors.Is(err, ingest.ErrNoRoom) {
		t.Errorf("gzip in a small room: %v, want ErrNoRoom", err)
	}
}

// Who sends too slowly is told so, and not that what came was wrong.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	late := iotest.ErrReader(os.ErrDeadlineExceeded)
	half, err := io.ReadAll(gzipped(`{"events":[` + goodEvent + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		body     io.Reader
		encoding string
	}{
		"nothing":      {late, ""},
		"some":         {io.MultiReader(strings.NewReader(`{"events":[`), late), ""},
		"nothing, zip": {late, "gzip"},
		"some, zipped": {io.MultiReader(bytes.NewReader(half[:len(half)/2]), late), "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := options()
			opts.ContentEncoding = test.encoding
			if _, _, err := ingest.DecodeEvents(test.body, opts); !errors.Is(err, ingest.ErrTooSlow) {
				t.Errorf("got %v, want that it was too slow", err)
			}
		})
	}
}
