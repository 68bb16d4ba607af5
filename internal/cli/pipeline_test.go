package cli

import (
	"errors"
	"fmt"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
)

func TestSamplesAreKeptWhileTheDatabaseCannotTakeThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{store.ErrUnavailable, true},
		{store.ErrPermission, true},
		{store.ErrReadOnly, true},
		{store.ErrSchemaPending, true},
		{store.ErrCorrupt, true},
		{store.ErrFault, true},
		{errors.New("check constraint violated"), false},
	} {
		if got := unavailable(fmt.Errorf("append batch: %w", c.err)); got != c.want {
			t.Errorf("unavailable(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}
