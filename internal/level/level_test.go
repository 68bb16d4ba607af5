package level_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/level"
)

// It warns once on the way up and speaks once on the way down, however often it
// is checked and however it trembles.
func TestLevel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, trembles)
}

func trembles(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	l := level.New("cup", "it spills")
	for i, test := range []struct {
		used int64
		want string
		wait time.Duration // before
	}{
		{0, "", 0}, {159, "", 0},
		{160, `level=WARN msg="nearly full" what=cup percent=80 used=160 capacity=200 when_full="it spills"`, 0},
		{200, "", 0}, {150, "", 0}, {160, "", 0}, {140, "", 0},
		{139, `level=INFO msg="there is room again" what=cup percent=69`, 0},
		{100, "", 0}, {159, "", 0},
		{300, "", 59 * time.Second}, {0, "", 0}, // it has just been said
		{300, "percent=150", time.Second},
		{0, "percent=0", 0},
		{180, "", 0}, {180, "percent=90", time.Minute}, // and stays
	} {
		time.Sleep(test.wait)
		log.Reset()
		l.Check(logger, test.used, 200)
		if got := log.String(); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%d: %d after %v: got %q, want %q", i, test.used, test.wait, got, test.want)
		}
	}
	log.Reset()
	level.New("nothing", "").Check(logger, 0, 0)
	if log.Len() > 0 {
		t.Errorf("nothing of nothing: %s", log.String())
	}
}

// Of many who find the same at once, one says it.
func TestLevelSpeaksOnceForChecksThatComeTogether(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer // the handler locks it
	logger := slog.New(slog.NewTextHandler(&log, nil))
	l := level.New("cup", "it spills")
	for _, used := range []int64{9, 1} {
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { l.Check(logger, used, 10) })
		}
		all.Wait()
	}
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "nearly full") || !strings.Contains(got, "there is room again") {
		t.Errorf("got %s", got)
	}
}

func BenchmarkCheck(b *testing.B) {
	l := level.New("cup", "it spills")
	logger := slog.New(slog.DiscardHandler)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Check(logger, 50, 100)
		}
	})
}
