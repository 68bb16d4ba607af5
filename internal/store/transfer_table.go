package store

import (
	"fmt"
	"strings"
	"time"
)

// A copy of a database goes table by table and, within a table, by slices: all
// rows of one hour in UTC. A slice is replaced as a whole, in one transaction,
// so that a copy may end anywhere and begin again.

// columnKind says what a column holds, whatever the engine calls it.
type columnKind int

const (
	idColumn    columnKind = iota // a UUID; on SQLite other programs may write anything
	sliceColumn                   // the time of the row as its program wrote it
	timeColumn                    // a time that only this program writes
	textColumn
	smallColumn // an integer of 32 bits on PostgreSQL
	countColumn // an integer of 64 bits
	realColumn
	boolColumn
	jsonColumn
	bytesColumn
)

type transferColumn struct {
	name string
	kind columnKind
}

// transferTable is one table that a copy carries.
type transferTable struct {
	name string

	// at is the time that puts a row into its slice. Without one the whole
	// table is one slice.
	at string

	// scanned says that no index finds a slice.
	scanned bool

	columns []transferColumn
}

// transferTables are all tables but the coarse rollups, which are made again,
// and what belongs to one database alone. Positions are the last, so that a
// database with positions has the rows that they speak of.
var transferTables = []transferTable{
	{name: rollupTable, at: "{time_bucket}", columns: []transferColumn{
		{"id", idColumn}, {"time_bucket", sliceColumn}, {"metric_type", textColumn}, {"endpoint_path", textColumn},
		{"event_type", textColumn}, {"aggregated_values", jsonColumn}, {"sample_count", countColumn}, {"app", textColumn},
		{"method", textColumn}, {"page_name", textColumn}, {"element_id", textColumn}, {"error_type", textColumn},
		{"latency", bytesColumn}, {"users", bytesColumn}, {"figures", bytesColumn},
	}},
	{name: "aggregation_runs", at: "finished_at", scanned: true, columns: []transferColumn{
		{"id", idColumn}, {"started_at", timeColumn}, {"finished_at", timeColumn}, {"outcome", textColumn},
		{"raw_before", timeColumn}, {"requests_before", countColumn}, {"events_before", countColumn},
		{"rollups_before", countColumn}, {"requests_after", countColumn}, {"events_after", countColumn},
		{"rollups_after", countColumn},
	}},
	{name: requestTable, at: "{timestamp}", columns: []transferColumn{
		{"id", idColumn}, {"timestamp", sliceColumn}, {"endpoint", textColumn}, {"method", textColumn},
		{"status_code", smallColumn}, {"response_time_ms", realColumn}, {"user_id", textColumn},
		{"error_type", textColumn}, {"correlation_id", textColumn}, {"app", textColumn},
	}},
	{name: eventTable, at: "{timestamp}", columns: []transferColumn{
		{"id", idColumn}, {"timestamp", sliceColumn}, {"event_type", textColumn}, {"user_id", textColumn},
		{"page_name", textColumn}, {"element_id", textColumn}, {"success", boolColumn}, {"metadata", jsonColumn},
		{"correlation_id", textColumn}, {"app", textColumn},
	}},
	{name: "received_ids", at: "received_at", scanned: true, columns: []transferColumn{
		{"id", idColumn}, {"received_at", timeColumn},
	}},
	{name: positionTable, columns: []transferColumn{
		{"source", idColumn}, {"position", countColumn}, {"replayed_until", timeColumn}, {"updated_at", timeColumn},
	}},
}

// TransferTable is what a copy has to know about a table.
type TransferTable struct {
	Name string
	// Scanned says that finding a slice means reading the whole table.
	Scanned bool
}

// TransferTables returns the tables that a copy carries, in their order.
func TransferTables() []TransferTable {
	all := make([]TransferTable, len(transferTables))
	for i, t := range transferTables {
		all[i] = TransferTable{t.name, t.scanned}
	}
	return all
}

func findTransferTable(name string) (*transferTable, error) {
	for i := range transferTables {
		if transferTables[i].name == name {
			return &transferTables[i], nil
		}
	}
	return nil, fmt.Errorf("%q is no table that a copy carries", name)
}

func (t *transferTable) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// selected are the columns of a row as carried reads them: first its time.
func (t *transferTable) selected() string {
	at := t.at
	if at == "" {
		at = "NULL"
	}
	return at + " AS at, " + strings.Join(t.names(), ", ")
}

// Span are the slices that begin in [From, To).
type Span struct{ From, To time.Time }

// within is the condition that rows lie in a span, and its parameters.
func (s *Store) within(t *transferTable, in Span) (where string, args []any) {
	if t.at == "" {
		return "true", nil
	}
	return t.at + " >= $1 AND " + t.at + " < $2", []any{s.engine.time(in.From), s.engine.time(in.To)}
}
