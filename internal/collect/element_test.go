package collect_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestElementsOfAnHourAreBounded(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	told := ofNoon
	told.Logger, told.What = slog.New(slog.NewTextHandler(&log, nil)), "elements"
	e := collect.NewElements(told)
	for i := range 500 {
		for _, page := range []string{"/a", "/b"} { // a pair of its own each
			id := fmt.Sprintf("Row %d ü", i)
			if got := e.Element(page, id, noon); got != id {
				t.Fatalf("%s of %s is stored as %q", id, page, got)
			}
			for _, none := range []string{"", metric.OtherEndpoint} { // take no room
				if got := e.Element(fmt.Sprint(page, i), none, noon); got != none {
					t.Fatalf("%q is stored as %q", none, got)
				}
			}
		}
		want := 0
		if i >= 399 {
			want = 1
		}
		if got := strings.Count(log.String(), `what="elements of an hour" percent=80 used=800 capacity=1000`); got != want {
			t.Fatalf("%d warnings after %d pairs, want %d: %s", got, 2*i+2, want, log.String())
		}
	}
	for _, test := range []struct {
		page, id, want string
		at             time.Time
	}{
		{"/c", "Row 1 ü", metric.OtherEndpoint, noon},
		{"/a", "new", metric.OtherEndpoint, noon},
		{"/a", "Row 1 ü", "Row 1 ü", noon},
		{"/a", "new", "new", noon.Add(-time.Hour)},
	} {
		if got := e.Element(test.page, test.id, test.at); got != test.want {
			t.Errorf("%s of %s at %s is stored as %q, want %q", test.id, test.page, test.at, got, test.want)
		}
	}
}

func BenchmarkElement(b *testing.B) {
	e := collect.NewElements(ofNoon)
	fill(e, noon)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e.Element("/", names[i%len(names)], noon)
	}
}
