package store_test

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// column is what both engines must agree on.
type column struct {
	kind    string
	notNull bool
	byDfl   string
}

// kinds maps the types of both engines to one vocabulary.
var kinds = map[string]string{
	"uuid": "text", "text": "text", "jsonb": "text", "timestamp with time zone": "integer", "integer": "integer",
	"bigint": "integer", "double precision": "real", "real": "real", "boolean": "boolean", "bytea": "blob", "blob": "blob",
}

const postgresColumns = `SELECT table_name, column_name, data_type, is_nullable = 'NO',
	COALESCE(column_default, '') FROM information_schema.columns
	WHERE table_schema = 'public' AND table_name <> 'appmetrics_schema_versions'`

// TestSchemasAgree compares every column of both engines: name, kind,
// nullability and default.
func TestSchemasAgree(t *testing.T) {
	t.Parallel()
	postgres := columns(t, store.PostgreSQL, postgresColumns)
	// table_info leaves out the generated columns that only SQLite needs.
	sqlite := columns(t, store.SQLite, `SELECT m.name, c.name, lower(c.type), c."notnull" = 1, COALESCE(c.dflt_value, '')
		FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND m.name <> 'appmetrics_schema_versions'`)
	names := slices.Sorted(maps.Keys(postgres))
	if got := slices.Sorted(maps.Keys(sqlite)); !slices.Equal(got, names) {
		t.Fatalf("sqlite has columns\n%v, postgresql\n%v", got, names)
	}
	for _, name := range names {
		if sqlite[name] != postgres[name] {
			t.Errorf("%s: sqlite has %+v, postgresql %+v", name, sqlite[name], postgres[name])
		}
	}
	for _, promised := range []string{
		"performance_metrics.id", "performance_metrics.error_type", "usage_events.metadata",
		"aggregated_metrics.aggregated_values", "aggregated_metrics.sample_count",
	} {
		if _, found := postgres[promised]; !found {
			t.Errorf("no column %s", promised)
		}
	}
}

func columns(t *testing.T, engine, query string) map[string]column {
	t.Helper()
	_, url := storetest.OpenURL(t, engine)
	rows, err := storetest.DB(t, url).QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]column{}
	for rows.Next() {
		var table, name, kind, byDefault string
		var notNull sql.NullBool
		if err := rows.Scan(&table, &name, &kind, &notNull, &byDefault); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(byDefault, "random") {
			byDefault = "random"
		}
		byDefault, _, _ = strings.Cut(byDefault, "::")
		all[table+"."+name] = column{kinds[kind], notNull.Bool, byDefault}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
