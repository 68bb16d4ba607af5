//go:build unix

package proof

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// stored is what a database holds of the books: keys of samples.
type stored struct {
	events, requests map[int64]entry
}

// findings are what is wrong, with a few examples.
type findings struct {
	lost, twice, changed, foreign int
	examples                      []string
}

func (f *findings) add(count *int, format string, args ...any) {
	const most = 10
	if *count++; len(f.examples) < most {
		f.examples = append(f.examples, fmt.Sprintf(format, args...))
	}
}

// check compares the rows of the database, id by id, with the books: everything
// that was acknowledged is there, once, as it was sent, and nothing else is but
// what was sent without an answer.
func (b *books) check(t testing.TB, url string) stored {
	t.Helper()
	found, wrong := b.compare(t, url)
	t.Logf("acknowledged %d; in the database %d events, %d requests; lost %d, twice %d, changed %d, foreign %d",
		b.acknowledged(), len(found.events), len(found.requests), wrong.lost, wrong.twice, wrong.changed, wrong.foreign)
	if len(wrong.examples) > 0 {
		t.Fatalf("the database is not what was acknowledged:\n\t%s", strings.Join(wrong.examples, "\n\t"))
	}
	return found
}

func (b *books) compare(t testing.TB, url string) (stored, *findings) {
	t.Helper()
	db := storetest.DB(t, url)
	wrong := new(findings)
	return stored{
		events:   b.events.compare(t, db, "SELECT "+columns(url)+", event_type || ' ' || page_name, success, 0, 0 FROM usage_events", wrong),
		requests: b.requests.compare(t, db, "SELECT "+columns(url)+", endpoint || ' ' || method, true, status_code, response_time_ms FROM performance_metrics WHERE endpoint LIKE '/proof/%'", wrong),
	}, wrong
}

func columns(url string) string {
	if strings.HasPrefix(url, "sqlite:") {
		return "timestamp_us, id, user_id"
	}
	return "(extract(epoch FROM timestamp) * 1000000)::bigint, id, user_id"
}

func (l *ledger) compare(t testing.TB, db *sql.DB, question string, wrong *findings) map[int64]entry {
	t.Helper()
	rows, err := db.Query(question)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[int64]entry{}
	for rows.Next() {
		var key int64
		var id, user, what string
		var success bool
		var status int
		var took float64
		if err := rows.Scan(&key, &id, &user, &what, &success, &status, &took); err != nil {
			t.Fatal(err)
		}
		sent, known := l.sent[key]
		s := sample{key: key, writer: int(sent.writer), isOld: l.isOld}
		got := fmt.Sprint(user, " ", what, " ", success)
		if l.isOld {
			got = fmt.Sprint(user, " ", what, " ", status, " ", took)
		}
		switch _, twice := found[key]; {
		case !known:
			wrong.add(&wrong.foreign, "%v %s was never sent", s.timestamp(), got)
			continue
		case twice:
			wrong.add(&wrong.twice, "%s is there twice, id %s", s.row(), id)
		case got != s.row() || s.id() != "" && s.id() != id:
			wrong.add(&wrong.changed, "got %s, id %s, want %s, id %s", got, id, s.row(), s.id())
		}
		found[key] = sent
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for key, sent := range l.sent {
		if _, ok := found[key]; sent.isAcked && !ok {
			s := sample{key: key, writer: int(sent.writer), isOld: l.isOld}
			wrong.add(&wrong.lost, "%s was acknowledged and is not there, id %q, %v", s.row(), s.id(), s.timestamp())
		}
	}
	return found
}

// awaitStored waits until the database holds everything that was acknowledged.
func (b *books) awaitStored(t testing.TB, url string) {
	t.Helper()
	db := storetest.DB(t, url)
	want := b.acknowledged()
	await(t, fmt.Sprintf("%d acknowledged samples in the database", want), func() bool {
		var got int64
		err := db.QueryRow(`SELECT (SELECT count(*) FROM usage_events) +
			(SELECT count(*) FROM performance_metrics WHERE endpoint LIKE '/proof/%')`).Scan(&got)
		if err != nil {
			t.Fatal(err)
		}
		if got < want { // the long comparison is worth its time only then
			return false
		}
		_, wrong := b.compare(t, url)
		return wrong.lost == 0
	})
}
