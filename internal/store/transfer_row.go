package store

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"
)

// SliceSum tells what a slice holds: two with the same sum hold the same rows,
// in whatever order and on whichever engine.
type SliceSum struct {
	Rows int64
	// Checksum is the sum of the XXH64 hashes of all rows.
	Checksum uint64
}

func (s *SliceSum) add(other SliceSum) {
	s.Rows += other.Rows
	s.Checksum += other.Checksum
}

// micros is a time on its way, in microseconds since 1970.
type micros int64

const hourMicros = int64(time.Hour / time.Microsecond)

// carriedRow is a row on its way.
type carriedRow struct {
	slice  int64 // start of its slice, in microseconds since 1970
	values []any // as either engine can hold them: see canonical
	native []any // as SQLite holds them; nil from PostgreSQL
	hash   uint64
	bytes  int // about its size
	// adjusted says that values are not native, because PostgreSQL cannot hold
	// what SQLite can.
	adjusted bool
}

// rowReader scans rows of transferTable.selected.
type rowReader struct {
	table   *transferTable
	native  bool // whether rows come from SQLite
	keep    bool // whether the caller keeps rows; else they are valid until the next
	scanned []any
	to      []any
	values  []any
	buffer  []byte
}

func newRowReader(t *transferTable, native, keep bool) *rowReader {
	r := &rowReader{table: t, native: native, keep: keep, to: make([]any, len(t.columns)+1)}
	r.renew()
	return r
}

func (r *rowReader) renew() {
	r.scanned, r.values = make([]any, len(r.to)), make([]any, len(r.table.columns))
	for i := range r.scanned {
		r.to[i] = &r.scanned[i]
	}
}

func (r *rowReader) read(rows *sql.Rows) (carriedRow, error) {
	if r.keep {
		r.renew()
	}
	if err := rows.Scan(r.to...); err != nil {
		return carriedRow{}, err
	}
	for i, value := range r.scanned {
		if blob, isBlob := value.([]byte); isBlob && blob == nil {
			r.scanned[i] = []byte{} // no bytes, which is not nothing
		}
	}
	at, err := microsOf(r.scanned[0])
	if err != nil {
		return carriedRow{}, err
	}
	row := carriedRow{slice: int64(at) - int64(at)%hourMicros, values: r.values}
	if r.native {
		row.native = r.scanned[1:]
	}
	r.buffer = r.buffer[:0]
	for i, column := range r.table.columns {
		value := r.scanned[i+1]
		if column.kind == sliceColumn {
			value = int64(at)
		}
		adjusted, err := r.canonical(i, column.kind, value)
		if err != nil {
			return carriedRow{}, fmt.Errorf("read %s.%s: %w", r.table.name, column.name, err)
		}
		row.adjusted = row.adjusted || adjusted
	}
	row.hash, row.bytes = xxhash.Sum64(r.buffer), len(r.buffer)
	return row, nil
}

// canonical makes of a value what both engines can hold, and adds it to the
// buffer that is hashed. What PostgreSQL cannot hold is adjusted: characters
// that are none become U+FFFD, and numbers out of its range the nearest in it.
func (r *rowReader) canonical(i int, kind columnKind, value any) (adjusted bool, err error) {
	if value == nil {
		r.values[i], r.buffer = nil, append(r.buffer, 0)
		return false, nil
	}
	r.buffer = append(r.buffer, byte(kind)+1)
	switch kind {
	case idColumn:
		id := identifier(idText(value))
		r.values[i], r.buffer = id, append(r.buffer, id[:]...)
	case sliceColumn, timeColumn:
		at, err := microsOf(value)
		if err != nil {
			return false, err
		}
		r.values[i], r.buffer = at, r.number(uint64(at))
	case textColumn:
		text, odd := cleanText(textOf(value))
		r.values[i], r.buffer, adjusted = text, r.text(text), odd
	case smallColumn, countColumn:
		number, isInteger := value.(int64)
		if !isInteger {
			return false, fmt.Errorf("unexpected %T", value)
		}
		if kind == smallColumn {
			fitting := min(max(number, math.MinInt32), math.MaxInt32)
			number, adjusted = fitting, fitting != number
		}
		r.values[i], r.buffer = number, r.number(uint64(number))
	case realColumn:
		number, isReal := value.(float64)
		if !isReal {
			return false, fmt.Errorf("unexpected %T", value)
		}
		number += 0 // of two zeros, the one without a sign
		r.values[i], r.buffer = number, r.number(math.Float64bits(number))
	case boolColumn:
		is := value == true || value == int64(1)
		r.values[i], r.buffer = is, strconv.AppendBool(r.buffer, is)
	case jsonColumn:
		start := len(r.buffer)
		d := readDocument(textOf(value), r.buffer)
		r.values[i], r.buffer, adjusted = d.text, d.meaning, d.adjusted
		r.buffer = r.number(uint64(len(r.buffer) - start))
	case bytesColumn:
		text := textOf(value)
		r.values[i], r.buffer = []byte(text), r.text(text)
	}
	return adjusted, nil
}

func (r *rowReader) number(n uint64) []byte { return binary.LittleEndian.AppendUint64(r.buffer, n) }

func (r *rowReader) text(s string) []byte {
	return append(binary.AppendUvarint(r.buffer, uint64(len(s))), s...)
}

// microsOf reads a time of either engine; no time is 0.
func microsOf(value any) (micros, error) {
	switch v := value.(type) {
	case nil:
		return 0, nil
	case int64:
		return micros(v), nil
	case time.Time:
		return micros(v.UnixMicro()), nil
	}
	return 0, fmt.Errorf("unexpected %T for a time", value)
}

// textOf reads what other programs may have written as bytes.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return fmt.Sprint(value)
}

// idText is what {id} selects.
func idText(value any) string {
	if blob, isBlob := value.([]byte); isBlob {
		return hex.EncodeToString(blob)
	}
	return textOf(value)
}

// cleanText replaces what PostgreSQL does not take for text.
func cleanText(text string) (clean string, adjusted bool) {
	clean = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	return clean, clean != text
}

// carry returns the values of a row for insert. SQLite gets from SQLite exactly
// what was there.
func (e *embedded) carry(row carriedRow) []any {
	if row.native != nil {
		return row.native
	}
	for i, value := range row.values {
		switch v := value.(type) {
		case uuid.UUID:
			row.values[i] = v.String()
		case micros:
			row.values[i] = int64(v)
		}
	}
	return row.values
}

func (p *postgres) carry(row carriedRow) []any {
	for i, value := range row.values {
		switch v := value.(type) {
		case uuid.UUID:
			row.values[i] = [16]byte(v)
		case micros:
			row.values[i] = time.UnixMicro(int64(v)).UTC()
		}
	}
	return row.values
}
