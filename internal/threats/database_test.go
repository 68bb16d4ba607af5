package threats

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// tables lists the tables of the database.
func (s *site) tables() []string {
	s.t.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
	if s.engine == store.PostgreSQL {
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`
	}
	return s.column(list)
}

// column returns the only column of what a question to the database finds.
func (s *site) column(question string) (found []string) {
	s.t.Helper()
	db := storetest.DB(s.t, s.database)
	rows, err := db.Query(question)
	if err != nil {
		s.t.Fatalf("%s: %v", question, err)
	}
	defer rows.Close()
	for rows.Next() {
		var value sql.NullString
		if err := rows.Scan(&value); err != nil {
			s.t.Fatal(err)
		}
		found = append(found, value.String)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return found
}

// everywhere returns all that the site has written, by where it is: each table
// of the database, each file of the home (the SQLite file, its log and the spool
// among them), and what the program has said.
func (s *site) everywhere() map[string]string {
	s.t.Helper()
	all := map[string]string{"the log": s.log.String()}
	db := storetest.DB(s.t, s.database)
	for _, table := range s.tables() {
		rows, err := db.Query(`SELECT * FROM "` + table + `"`)
		if err != nil {
			s.t.Fatal(err)
		}
		all["table "+table] = printed(s, rows)
	}
	folders := []string{s.home}
	if path, ok := strings.CutPrefix(s.database, "sqlite://"); ok {
		folders = append(folders, filepath.Dir(path))
	}
	for _, folder := range folders {
		for path, content := range s.files(folder) {
			all["file "+path] = path + content
		}
	}
	return all
}

// files returns the files in a folder by their path. Those that go away
// meanwhile are left out.
func (s *site) files(folder string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var content []byte
			content, err = os.ReadFile(path)
			all[path] = string(content)
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// holdWrites keeps the program from writing to the database until release is
// called, so that what it takes stays in the spool.
func (s *site) holdWrites() (release func()) {
	s.t.Helper()
	conn, err := storetest.DB(s.t, s.database).Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	lock := []string{`BEGIN IMMEDIATE`}
	if s.engine == store.PostgreSQL {
		lock = []string{`BEGIN`, `LOCK TABLE performance_metrics, usage_events IN EXCLUSIVE MODE`}
	}
	for _, statement := range lock {
		if _, err := conn.ExecContext(s.t.Context(), statement); err != nil {
			s.t.Fatal(err)
		}
	}
	return func() {
		if _, err := conn.ExecContext(s.t.Context(), `ROLLBACK`); err != nil {
			s.t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// spooled waits until the spool holds a text, and returns all of it.
func (s *site) spooled(text string) string {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(again) {
		var all strings.Builder
		for path, content := range s.files(s.home) {
			if strings.Contains(path, "spool") {
				all.WriteString(content)
			}
		}
		if strings.Contains(all.String(), text) {
			return all.String()
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%q does not reach the spool: %d bytes\n%s", text, all.Len(), s.log)
		}
	}
}

func printed(s *site, rows *sql.Rows) string {
	s.t.Helper()
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var text strings.Builder
	for rows.Next() {
		row, cells := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			cells[i] = &row[i]
		}
		if err := rows.Scan(cells...); err != nil {
			s.t.Fatal(err)
		}
		for _, value := range row {
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			fmt.Fprintf(&text, "%v|", value)
		}
		text.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return text.String()
}
