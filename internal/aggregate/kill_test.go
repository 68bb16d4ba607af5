package aggregate_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Environment of a copy of this test binary that is meant to die.
const (
	victimURL = "AGGREGATE_TEST_VICTIM_URL"
	victimAt  = "AGGREGATE_TEST_VICTIM_STATEMENT"
)

// Exit codes of the copy.
const (
	failed  = 3
	skipped = 4
)

// TestMain runs the tests or, in a copy that a test started, one aggregation
// that kills its own process before the statement it was told.
func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		os.Exit(victim(url))
	}
	// Histories of 30 steps each, on each engine; the command line may ask for
	// more.
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

func victim(url string) int {
	left, err := strconv.Atoi(os.Getenv(victimAt))
	if err != nil {
		return failed
	}
	s, err := store.Open(background, store.Options{URL: url, Failpoint: func(context.Context, string) error {
		if left--; left == 0 {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}})
	if err != nil {
		return failed
	}
	j := aggregate.New(aggregate.Options{Store: s, Now: clock, MaxRows: 1})
	report, err := j.Run(background, false)
	switch {
	case err != nil:
		return failed
	case report.Skipped:
		return skipped
	}
	return 0
}

// runVictim lets a copy of this binary run and returns what ended it: an exit
// code, or -1 for a signal. A server takes a moment to notice that the copy
// before is dead, and holds its lock until then.
func runVictim(t *testing.T, url string, statement int) int {
	t.Helper()
	for {
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), victimURL+"="+url, victimAt+"="+strconv.Itoa(statement))
		out, err := command.CombinedOutput()
		if err != nil && command.ProcessState == nil {
			t.Fatal(err)
		}
		switch code := command.ProcessState.ExitCode(); code {
		case skipped:
		case failed:
			t.Fatalf("statement %d: %v: %s", statement, err, out)
		default:
			return code
		}
	}
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
				code := runVictim(t, url, statement)
				if err := truth.checkCuts(t.Context(), s, retained(now), inTurn(statement)); err != nil {
					t.Fatalf("killed before statement %d: %v", statement, err)
				}
				if code == 0 {
					break
				}
				deaths++
			}
			if deaths < 5 {
				t.Errorf("died %d times, want once a statement", deaths)
			}
			if err := truth.check(t.Context(), s, retained(now)); err != nil {
				t.Error(err)
			}
			if raw := rows(t, s); raw.Requests == 0 || raw.Events == 0 || raw.Rollups == 0 {
				t.Errorf("got %+v, want young rows and rollups", raw)
			}
		})
	}
}
