package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
	}{
		{store.ErrUnavailable, 1},
		{store.ErrMissing, 1},
		{store.ErrFull, 1},
		{store.ErrPermission, 1},
		{api.ErrUnreachable, 1},
		{query.ErrTimeout, 1},
		{admin.ErrUnverifiable, 1},
		{admin.ErrUnauthenticated, 4},
		{admin.ErrForbidden, 4},
		{databricks.ErrUnauthenticated, 4},
		{databricks.ErrUnavailable, 1},
		{fmt.Errorf("%w: %w", admin.ErrUnauthenticated, databricks.ErrUnauthenticated), 4},
		{fmt.Errorf("%w: %w", admin.ErrUnverifiable, databricks.ErrUnavailable), 1},
		{fmt.Errorf("%w: %w", store.ErrUnavailable, databricks.ErrUnauthenticated), 1},
		{store.ErrSchemaNewer, 2},
		{store.ErrSchemaPending, 2},
		{store.ErrCorrupt, 2},
		{store.ErrReadOnly, 2},
		{fmt.Errorf("%w: %w", store.ErrPermission, fs.ErrPermission), 2},
		{errors.New("anything else"), 2},
		{&aggregate.Error{Kind: aggregate.ErrGrowthGuard, Next: "look"}, 3},
		{&aggregate.Error{Kind: aggregate.ErrUnreachable, Cause: store.ErrUnavailable, Next: "look"}, 1},
		{&aggregate.Error{Kind: aggregate.ErrFailed, Cause: errors.New("disk"), Next: "look"}, 2},
		{&aggregate.Error{Kind: aggregate.ErrFailed, Cause: store.ErrPermission, Next: "look"}, 2},
	} {
		var out bytes.Buffer
		r := &run{Streams: Streams{Err: &out}}
		if got := r.exit(fmt.Errorf("open: %w", c.err)); got != c.code {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.code)
		}
		if n := bytes.Count(out.Bytes(), []byte("\n")); n != 1 || !bytes.HasPrefix(out.Bytes(), []byte("appmetrics: open: ")) {
			t.Errorf("%v: wrote %q", c.err, &out)
		}
	}
	// A server words a slow question and a database that is away alike: what
	// to do about the server's database cannot be done here.
	var out bytes.Buffer
	r := &run{Streams: Streams{Err: &out}}
	r.exit(errors.Join(query.ErrTimeout, store.ErrUnavailable))
	if bytes.Contains(out.Bytes(), []byte("DATABASE_URL")) || !bytes.Contains(out.Bytes(), []byte("/api/v1/metrics/status")) {
		t.Errorf("advice about a server's database: %q", &out)
	}
	r = &run{code: 7}
	if got := r.exit(nil); got != 7 {
		t.Errorf("exit code %d, want the command's, 7", got)
	}
}

func TestErrorsAreOneHarmlessLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := &run{Streams: Streams{Err: &out}}
	r.exit(&advisedError{err: errors.New("first\n\tsecond \x1b[31mred"), advice: "do this"})
	if got, want := out.String(), "appmetrics: first second \uFFFD[31mred; do this\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}
