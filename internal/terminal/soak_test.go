//go:build soak

package terminal

import (
	"os"
	"testing"
	"time"
)

// Half an hour of Live at 500 requests a second: what memory does then is
// printed, as a line through all samples but those of the first minute.
// SOAK_TIME makes it shorter.
func TestSoak(t *testing.T) {
	lasts := 30 * time.Minute
	if value := os.Getenv("SOAK_TIME"); value != "" {
		var err error
		if lasts, err = time.ParseDuration(value); err != nil {
			t.Fatal(err)
		}
	}
	x, memory := underLoad(t, lasts, 10*time.Second)
	for _, m := range memory {
		t.Logf("%6.0f s  %6.1f MiB", m.after.Seconds(), m.bytes/(1<<20))
	}
	settled := memory[:0:0]
	for _, m := range memory {
		if m.after >= time.Minute {
			settled = append(settled, m)
		}
	}
	t.Logf("slope %+.1f KiB a minute over %d samples", slope(settled)/1024*60, len(settled))
	t.Logf("%s", x.screen())
	x.press("q")
	x.ended(0)
}

// slope returns by how many bytes a second samples grow, by least squares.
func slope(list []sample) float64 {
	var n, sumX, sumY, sumXX, sumXY float64
	for _, m := range list {
		s := m.after.Seconds()
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+s, sumY+m.bytes, sumXX+s*s, sumXY+s*m.bytes
	}
	if d := n*sumXX - sumX*sumX; d != 0 {
		return (n*sumXY - sumX*sumY) / d
	}
	return 0
}
