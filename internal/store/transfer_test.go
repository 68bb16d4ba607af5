package store_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// notCarried are made again on the other side, or belong to one database alone.
var notCarried = []string{"coarse_metrics", "coarse_days", "database_origin", "copied_slices"}

// TestACopyCarriesEveryColumn fails when a migration adds a column or a table
// that copies would leave behind.
func TestACopyCarriesEveryColumn(t *testing.T) {
	t.Parallel()
	var want []string
	for _, name := range slices.Sorted(maps.Keys(columns(t, store.PostgreSQL, postgresColumns))) {
		if table, _, _ := strings.Cut(name, "."); !slices.Contains(notCarried, table) {
			want = append(want, name)
		}
	}
	if got := slices.Sorted(slices.Values(store.TransferColumns())); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDocumentsAreComparedByMeaning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"blanks and order": {`{"b": 1, "a": [true, null]}`, `{"a":[true,null],"b":1}`, true},
		"numbers":          {`[1.50, 100, 0.1, -0, 1e2, -20]`, `[15e-1, 1E+2, 1e-1, 0.0, 100.0, -2e1]`, true},
		"repeated keys":    {`{"a": 1, "a": 2}`, `{"a": 2}`, true},
		"escapes":          {`"\u00fc\/\ud83d\ude00"`, `"ü/😀"`, true},
		"other numbers":    {`1`, `10`, false},
		"signs":            {`1`, `-1`, false},
		"text and number":  {`"1"`, `1`, false},
		"order of a list":  {`[1, 2]`, `[2, 1]`, false},
		"nesting":          {`[[1], 2]`, `[1, [2]]`, false},
		"texts that join":  {`["ab", "c"]`, `["a", "bc"]`, false},
		"null and nothing": {`{"a": null}`, `{}`, false},
	} {
		a, _, _ := store.Meaning(c.a)
		b, _, _ := store.Meaning(c.b)
		if (a == b) != c.same {
			t.Errorf("%s: %s and %s mean %q and %q", name, c.a, c.b, a, b)
		}
	}
}

func TestDocumentsThatPostgresRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": "x\u0000y"}`:       `{"a":"x�y"}`,
		`["\ud800"]`:              `["�"]`,
		"[\"\xff\"]":              `["�"]`,
		`[1e200000, -3]`:          `["1e200000",-3]`,
		`[1e-20000]`:              `["1e-20000"]`,
		`[1e99999999999999]`:      `["1e99999999999999"]`,
		`[0e99999999999999]`:      `["0e99999999999999"]`,
		`[0e1073741823]`:          `["0e1073741823"]`,
		`[0e-16384]`:              `["0e-16384"]`,
		`[1.000e-16381]`:          `["1.000e-16381"]`,
		`[0e1000000, 0.0e16384]`:  ``,
		`["\\u0000", "\\ud800"]`:  ``,
		`{"ok": "\ud83d\ude00 "}`: ``,
		`[1e1000]`:                ``,
	} {
		_, got, adjusted := store.Meaning(text)
		if want == "" {
			want = text
		}
		if got != want || adjusted != (got != text) {
			t.Errorf("%s: got %s, adjusted %t; want %s", text, got, adjusted, want)
		}
	}
}

// FuzzDocuments holds that what is written in place of a document means the
// same, and is a document that PostgreSQL takes.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{`{"a": [1.50, "x\u0000", null]}`, `"\ud800"`, `1e200000`, `0e5555555555`, `1.000e-16381`, `{`, "\x80", "\x82\\u0000", `1 2`} {
		f.Add(seed)
	}
	s, url := storetest.OpenURL(f, store.PostgreSQL)
	db := storetest.DB(f, url)
	_ = s
	f.Fuzz(func(t *testing.T, text string) {
		meaning, written, _ := store.Meaning(text)
		var kept string
		if err := db.QueryRowContext(t.Context(), `SELECT CAST(CAST($1 AS jsonb) AS TEXT)`, written).Scan(&kept); err != nil {
			t.Fatalf("%q as %q: %v", text, written, err)
		}
		if after, _, _ := store.Meaning(kept); after != meaning {
			t.Errorf("%q means %q, and after PostgreSQL %q", text, meaning, after)
		}
		if !json.Valid([]byte(written)) {
			t.Errorf("%q is written as %q", text, written)
		}
	})
}

// TestSnapshotsMayLast takes back what a server or a role says about how long a
// transaction may take.
func TestSnapshotsMayLast(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.PostgreSQL)
	s := storetest.OpenAt(t, store.Options{
		URL: with(t, url, "statement_timeout", "60000", "idle_in_transaction_session_timeout", "60000"),
	})
	err := s.Snapshot(t.Context(), func(v *store.Snapshot) error {
		for _, name := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
			if got, err := v.Setting(t.Context(), name); err != nil || got != "0" {
				t.Errorf("%s: got %q, %v; want 0", name, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
