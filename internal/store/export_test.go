package store

import "context"

// AppsStatement is the statement that lists the apps.
const AppsStatement = appsStatement

// KindOfPostgres and KindOfSQLite return which kind of error one of the driver's
// is.
func KindOfPostgres(err error) error { return (&postgres{}).kind(context.Background(), err) }
func KindOfSQLite(err error) error   { return (&embedded{}).kind(context.Background(), err) }

// KindOfSQLSTATE and KindOfResult return which kind of error a code of an engine
// is, nil when it is about a row.
var (
	KindOfSQLSTATE = sqlstateKind
	KindOfResult   = resultKind
)

// WriterPragma sets a pragma of the one connection that writes to SQLite when
// value is not empty, and returns what it is.
func WriterPragma(ctx context.Context, s *Store, name, value string) (string, error) {
	statement := "PRAGMA " + name
	if value != "" {
		statement += " = " + value
	}
	var now string
	err := s.engine.writer().QueryRowContext(ctx, statement).Scan(&now)
	return now, err
}
