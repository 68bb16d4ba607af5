package aggregate_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Environment of a copy of this test binary that is meant to die.
const (
	victimURL = "AGGREGATE_TEST_VICTIM_URL"
	victimAt  = "AGGREGATE_TEST_VICTIM_STATEMENT"
)

// TestMain runs the tests or, in a copy that a test started, one aggregation
// that kills its own process before the statement it was told.
func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		os.Exit(victim(url))
	}
	os.Exit(m.Run())
}

func victim(url string) int {
	left, err := strconv.Atoi(os.Getenv(victimAt))
	if err != nil {
		return 2
	}
	s, err := store.Open(background, store.Options{URL: url, Failpoint: func(context.Context, string) error {
		if left--; left == 0 {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}})
	if err != nil {
		return 2
	}
	j := aggregate.New(aggregate.Options{Store: s, Now: clock, MaxRows: 1})
	if _, err := j.Run(background, false); err != nil {
		return 1
	}
	return 0
}

// A process that dies without warning, before every single statement of a run
// in turn, leaves the old state or the new one.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine)
			truth := &oracle{app: "default"}
			deaths := 0
			for statement := 1; ; statement++ {
				fill(t, s, history())
				truth.add(history())
				command := exec.CommandContext(t.Context(), os.Args[0])
				command.Env = append(os.Environ(), victimURL+"="+url, victimAt+"="+strconv.Itoa(statement))
				out, err := command.CombinedOutput()
				if checked := truth.check(t.Context(), s, now); checked != nil {
					t.Fatalf("killed before statement %d: %v", statement, checked)
				}
				if err == nil {
					break
				}
				var exit *exec.ExitError
				if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
					t.Fatalf("statement %d: %v: %s", statement, err, out)
				}
				deaths++
			}
			if deaths < 5 {
				t.Errorf("died %d times, want once a statement", deaths)
			}
			if raw := rows(t, s); raw.Requests == 0 || raw.Events == 0 || raw.Rollups == 0 {
				t.Errorf("got %+v, want young rows and rollups", raw)
			}
		})
	}
}
