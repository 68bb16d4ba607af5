package threats

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			all["file "+path] = path + string(content)
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return all
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
