//go:build proof

package transfer_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// TestKilledAtRandomMoments kills copies, PROOF_KILLS in each direction (100),
// while rows come, late ones among them, and are summarised.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	kills := 100
	if text := os.Getenv("PROOF_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	eachWay(t, func(t *testing.T, from, to string) {
		source, target := open(t, from), open(t, to)
		source.fill(t)
		source.append(t, samples(3000, now))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			pace := time.NewTicker(20 * time.Millisecond)
			defer pace.Stop()
			for i := 0; ctx.Err() == nil; i++ {
				<-pace.C
				_, err := source.Append(ctx, samples(20, ago(time.Duration(i%30)*day)))
				if err == nil && i%10 == 9 {
					_, err = source.Retire(ctx, store.RetireRequest{RawBefore: ago(metric.RawRetention)})
				}
				if err != nil && ctx.Err() == nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
		died := 0
		for died < kills {
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append(os.Environ(), victimFrom+"="+source.url, victimTo+"="+target.url, victimPoint+"=1000000000")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(rand.Int64N(int64(time.Second))), func() { _ = command.Process.Kill() })
			err := command.Wait()
			timer.Stop()
			if err != nil && command.ProcessState.ExitCode() != -1 {
				t.Fatalf("after %d kills: %v", died, err)
			}
			if err != nil {
				died++
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		report := carry(t, source, target)
		same(t, "target", target.dump(t), source.dump(t))
		t.Logf("%d kills, then %+v", died, report.Total())
	})
}
