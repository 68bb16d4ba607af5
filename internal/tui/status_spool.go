package tui

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// spoolVitals says what waits on disk, and what became of it that should not.
func spoolVitals(p *query.Spool, at time.Time) []vital {
	spool := spoolVital(p, at)
	damage := vital{
		section: collectionSection, label: "Damaged", standing: inOrder, fact: fact{"spool.quarantined", p.Quarantined},
		also:  []fact{{"spool.quarantined_bytes", p.QuarantinedBytes}, {"spool.torn_bytes", p.TornBytes}},
		value: counted(p.Quarantined, "record"),
	}
	if p.Quarantined > 0 {
		damage.standing = amiss
		damage.value += ", " + humanize.IBytes(uint64(max(p.QuarantinedBytes, 0))) + " set aside"
		damage.advice = "The disk damaged what was stored: look at it, and keep the folder quarantine of the spool."
	}
	last := fact{"spool.last_error", p.LastError}
	if p.LastError == "" {
		spool.also = append(spool.also, last)
		return []vital{spool, damage}
	}
	return []vital{spool, {
		section: collectionSection, label: "Disk", standing: amiss, fact: last, value: text.Terminal(p.LastError),
		advice: "Look at the disk that spool.path is on: what comes meanwhile goes to the database, or waits in memory.",
	}, damage}
}

func spoolVital(p *query.Spool, at time.Time) vital {
	v := vital{
		section: collectionSection, label: "Spool", standing: inOrder, fact: fact{"spool.samples", p.Samples},
		also: []fact{
			{"spool.bytes", p.Bytes}, {"spool.capacity_bytes", p.CapacityBytes}, {"spool.full", p.Full},
			{"spool.records", p.Records}, {"spool.segments", p.Segments}, {"spool.oldest", p.Oldest},
			{"spool.spooled", p.Spooled}, {"spool.replayed", p.Replayed},
			{"spool.sync_errors", p.SyncErrors}, {"spool.write_errors", p.WriteErrors},
		},
		value: counted(p.Samples, "sample") + oldestWords(p.Oldest, at),
	}
	capacity := float64(p.CapacityBytes)
	if p.CapacityBytes > 0 {
		v.value += fmt.Sprintf(", %s of %s", humanize.IBytes(uint64(max(p.Bytes, 0))), humanize.IBytes(uint64(p.CapacityBytes)))
		v.gauge = &gauge{value: float64(p.Bytes), full: capacity, marks: []threshold{{capacity, look.Bad}}}
	}
	switch {
	case p.Full && p.LastError == "": // else it is the disk that is full
		v.standing, v.advice = amiss, "It has no room: posts are answered 503, and requests are lost once memory is full. Bring the database back, or raise spool.max_bytes."
	case capacity > 0 && float64(p.Bytes) > crowded*capacity:
		v.standing, v.advice = warning, "It fills up: bring the database back, or restart with a larger spool.max_bytes."
	}
	return v
}
