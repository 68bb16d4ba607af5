package api_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestUserIDsAreNowhereInTheDatabase posts under pseudonyms, asks by them, and
// then reads every value of every table.
func TestUserIDsAreNowhereInTheDatabase(t *testing.T) {
	t.Parallel()
	// No part of a name is made of hexadecimal digits: correlation ids are.
	const olga, bob = "olga@example.com", "bob@example.com"
	pseudonyms, err := admin.NewPseudonyms(strings.Repeat("0123456789abcdef", 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t, engine, func(o *api.Options) {
				o.Checker = says{identity: admin.Identity{UserID: olga, Admin: true}}
				o.Pseudonym = pseudonyms.Of
			})
			if got := s.post(events, oneEvent); got.Status != http.StatusAccepted {
				t.Fatalf("events: got %d %s", got.Status, got.Body)
			}
			if got := s.post(requests, `{"requests":[
				{"timestamp":"2025-10-18T12:34:02Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1,"user_id":"`+bob+`"},
				{"timestamp":"2025-10-18T12:34:02Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1}]}`); got.Status != http.StatusAccepted {
				t.Fatalf("requests: got %d %s", got.Status, got.Body)
			}

			for path, want := range map[string]int{
				"/usage/count":                            1, // one's own, asked for by the same pseudonym
				"/events?user_id=" + pseudonyms.Of(olga):  1,
				"/requests?user_id=" + pseudonyms.Of(bob): 1,
				"/events?user_id=" + olga:                 0,
				"/requests?user_id=" + bob:                0,
				"/requests":                               2,
			} {
				got := s.get("/api/v1/metrics" + path)
				if n := found(t, got); n != want {
					t.Errorf("%s: found %d, want %d: %s", path, n, want, got.Body)
				}
			}

			held := everything(t, storetest.DB(t, s.database), engine)
			for _, id := range []string{olga, bob, "olga", "bob"} {
				if strings.Contains(held, id) || strings.Contains(held, hex.EncodeToString([]byte(id))) {
					t.Errorf("the database holds %s", id)
				}
			}
			for _, id := range []string{olga, bob} {
				if !strings.Contains(held, pseudonyms.Of(id)) {
					t.Errorf("the database does not hold the pseudonym of %s", id)
				}
			}
		})
	}
}

// found returns how many samples an answer counts or lists.
func found(t *testing.T, a answer) int {
	t.Helper()
	var body struct {
		Count            int
		Events, Requests []any
	}
	if err := unmarshal(a.Body, &body); err != nil || a.Status != http.StatusOK {
		t.Fatalf("got %d %s: %v", a.Status, a.Body, err)
	}
	return body.Count + len(body.Events) + len(body.Requests)
}

// everything returns all values of all tables as text.
func everything(t *testing.T, db *sql.DB, engine string) string {
	t.Helper()
	tables := `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	if engine == store.SQLite {
		tables = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	var text strings.Builder
	for _, name := range rows(t, db, tables) {
		for _, value := range rows(t, db, fmt.Sprintf("SELECT * FROM %q", name)) {
			text.WriteString(value + "\n")
		}
	}
	return text.String()
}

// rows returns the values of an answer, row after row.
func rows(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	result, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for result.Next() {
		row := make([]sql.RawBytes, len(columns))
		targets := make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := result.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for _, value := range row {
			values = append(values, string(value))
		}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}
