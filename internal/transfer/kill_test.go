package transfer_test

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

// Environment of a copy of this test binary that is meant to die.
const (
	victimFrom  = "TRANSFER_TEST_VICTIM_FROM"
	victimTo    = "TRANSFER_TEST_VICTIM_TO"
	victimPoint = "TRANSFER_TEST_VICTIM_POINT"
	victimSaw   = "TRANSFER_TEST_VICTIM_SAW"
)

const failed = 3 // exit code of a victim that did not die of what it was to

// TestMain runs the tests or, in a process that a test started, one copy that
// kills its own process at the point it was told.
func TestMain(m *testing.M) {
	if os.Getenv(victimFrom) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := victim(context.Background()); err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		os.Exit(failed)
	}
	os.Exit(0)
}

func victim(ctx context.Context) error {
	left, err := strconv.Atoi(os.Getenv(victimPoint))
	if err != nil {
		return err
	}
	source, err := store.OpenReadOnly(ctx, store.Options{URL: os.Getenv(victimFrom)})
	if err != nil {
		return err
	}
	target, err := store.Open(ctx, store.Options{URL: os.Getenv(victimTo), Failpoint: func(_ context.Context, point string) error {
		if left--; left > 0 {
			return nil
		}
		if err := os.WriteFile(os.Getenv(victimSaw), []byte(point), 0o600); err != nil {
			return err
		}
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}})
	if err != nil {
		return err
	}
	_, err = transfer.Run(ctx, transfer.Options{Source: source, Target: target, PartRows: 400})
	return err
}

// A process that dies without warning, at every point of a copy in turn, leaves
// a target that the next run goes on with, while the source changes.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, from, to string) {
		source, target := open(t, from), open(t, to)
		source.fill(t)
		saw := t.TempDir() + "/point"
		died := map[string]int{}
		for point := 1; ; point++ {
			if point%8 == 0 {
				source.append(t, samples(3, ago(time.Duration(point)*day)))
				source.retire(t)
			}
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append(os.Environ(), victimFrom+"="+source.url, victimTo+"="+target.url,
				victimPoint+"="+strconv.Itoa(point), victimSaw+"="+saw)
			out, err := command.CombinedOutput()
			if err == nil {
				break
			}
			if code := command.ProcessState.ExitCode(); code != -1 {
				t.Fatalf("point %d: exit code %d: %v: %s", point, code, err, out)
			}
			name, err := os.ReadFile(saw)
			if err != nil {
				t.Fatal(err)
			}
			died[string(name)]++
			// It says so when anything is there that the copy did not bring.
			if _, err := transfer.Run(t.Context(), transfer.Options{Source: source.Store, Target: target.Store, DryRun: true}); err != nil {
				t.Fatalf("after a death at %s: %v", name, err)
			}
		}
		for _, point := range []string{
			"copy.claim", "copy.remove", "copy.insert", "copy.insert-rows", "copy.verify", "copy.record", "copy.record-rows",
			"copy.commit", "copy.committed",
		} {
			if died[point] == 0 {
				t.Errorf("nobody died at %s; only at %v", point, died)
			}
		}
		same(t, "target", target.dump(t), source.dump(t))
		if sum := carry(t, source, target).Total(); sum.Written != 0 {
			t.Errorf("got %+v, want nothing left to do", sum)
		}
	})
}
