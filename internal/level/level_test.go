package level_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/appmetrics/appmetrics/internal/level"
)

// It warns once on the way up and speaks once on the way down, however often it
// is checked and however it trembles.
func TestLevel(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	l := level.New("cup", "it spills")
	for i, test := range []struct {
		used int64
		want string
	}{
		{0, ""}, {159, ""},
		{160, `level=WARN msg="nearly full" what=cup percent=80 used=160 capacity=200 when_full="it spills"`},
		{200, ""}, {150, ""}, {160, ""}, {140, ""},
		{139, `level=INFO msg="there is room again" what=cup percent=69`},
		{100, ""}, {159, ""},
		{300, "percent=150"},
	} {
		t.Run(fmt.Sprint(i, " ", test.used), func(t *testing.T) {
			log.Reset()
			l.Check(logger, test.used, 200)
			if got := log.String(); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
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
