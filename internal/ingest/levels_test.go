package ingest_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

const roomAgain = "there is room again"

// Before posts are refused for want of room the log says so, once, and again when
// there is room: of samples, or of memory, whichever is scarcer.
func TestWarningOfPostsThatWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		post metric.Batch
		opts ingest.Options
	}{
		"samples": {numbered(10), ingest.Options{Capacity: 100}},
		"bytes":   {events(strings.Repeat("x", 10_000)), ingest.Options{CapacityBytes: 101_000}},
	} {
		synctest.Test(t, func(t *testing.T) {
			g, log := &gate{pass: make(chan struct{})}, lines{}
			c.opts.Sink, c.opts.Logger = g, log.logger()
			q := start(t, c.opts)
			for n := range 9 {
				go func() { _ = q.Accept(t.Context(), c.post) }()
				synctest.Wait()
				want := 0
				if n >= 7 {
					want = 1
				}
				if got := log.count("level=WARN", "nearly full", `what="posts that wait"`, "percent=80", `when_full="posts are refused with 503"`); got != want {
					t.Errorf("%s: warned %d times of %d posts, want %d", name, got, n+1, want)
				}
			}
			if n := log.count("what=queue"); n > 0 {
				t.Errorf("%s: warned of the queue, in which nothing is", name)
			}
			close(g.pass)
			synctest.Wait()
			if n := log.count("level=INFO", roomAgain, `what="posts that wait"`); n != 1 {
				t.Errorf("%s: said %d times that there is room, want once", name, n)
			}
			stop(t, q)
		})
	}
}

// The same of posts that wait for the disk, one of which takes more than the room
// that is watched.
func TestWarningOfPostsThatWaitForTheDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lines
		q := start(t, ingest.Options{
			Sink: &sink{}, Ack: ingest.AckDisk, Capacity: 10, Logger: log.logger(), Spool: openSpool(t, spool.Options{}),
		})
		accept(t, q, numbered(9))
		synctest.Wait()
		if warned, relieved := log.count("nearly full", "posts that wait", "percent=90"), log.count(roomAgain, "posts that wait"); warned != 1 || relieved != 1 {
			t.Errorf("warned %d times and said %d times that there is room, want once each", warned, relieved)
		}
		stop(t, q)
	})
}

func TestWarningOfTheRoomForBodies(t *testing.T) {
	t.Parallel()
	const room = 10 * (8 << 10) // beside the first 8 KiB of each
	var log lines
	opts := options()
	opts.Bodies = ingest.NewBodies(room)
	opts.Bodies.WarnTo(log.logger())
	ended := make(chan error)
	var writers []*io.PipeWriter
	for n := range 8 {
		if got := log.count("nearly full"); got > 0 {
			t.Fatalf("warned of %d bodies of ten", n)
		}
		body, w := io.Pipe()
		writers = append(writers, w)
		go func() {
			_, _, err := ingest.DecodeEvents(body, opts)
			ended <- err
		}()
		if _, err := io.WriteString(w, `{"events":[`+strings.Repeat(" ", 15<<10)); err != nil { // returns once it is read
			t.Fatal(err)
		}
	}
	if got := log.count("level=WARN", "nearly full", `what="room for posted bodies"`, "percent=80", "used=65536 capacity=81920", `when_full="posts of more than 8 KiB are refused with 503"`); got != 1 {
		t.Errorf("warned %d times, want once", got)
	}
	for _, w := range writers {
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
		<-ended
	}
	if got := log.count("level=INFO", roomAgain, `what="room for posted bodies"`); got != 1 {
		t.Errorf("said %d times that there is room, want once", got)
	}
}

// What nobody empties fills up over the runs of the program.
func TestWarningOfTheQuarantine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const most = 1 << 20
		dir := filepath.Join(t.TempDir(), "spool")
		quarantine := filepath.Join(dir, "quarantine")
		if err := os.MkdirAll(quarantine, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(quarantine, "of-an-earlier-run.damaged"), make([]byte, most/8*79/100), 0o600); err != nil {
			t.Fatal(err)
		}
		var log lines
		disk := openSpool(t, spool.Options{Dir: dir, MaxBytes: most})
		q := start(t, ingest.Options{Sink: &sink{}, Logger: log.logger(), Spool: disk})
		q.Record(request("/"))
		time.Sleep(time.Minute)
		if n := log.count("nearly full"); n > 0 {
			t.Errorf("warned %d times of 79 %%", n)
		}
		if err := disk.SetAside(make([]byte, most/8/50)); err != nil {
			t.Fatal(err)
		}
		q.Record(request("/"))
		time.Sleep(time.Minute)
		if n := log.count("level=WARN", "nearly full", "what=quarantine", "percent=80", "capacity=131072", `when_full="damaged records and refused samples are no longer kept for people to look at"`); n != 1 {
			t.Errorf("warned %d times, want once", n)
		}
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
