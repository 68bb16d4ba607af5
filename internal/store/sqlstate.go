package store

// sqlstateKind returns which kind of error an SQLSTATE is, or nil when it is
// about a row; see the appendix "PostgreSQL Error Codes" of the manual. Who
// writes may drop a row only for the latter, so that what is not known to be
// about one is not.
func sqlstateKind(code string) error {
	switch code {
	case "42501":
		return ErrPermission
	case "25006": // read_only_sql_transaction
		return ErrReadOnly
	case "42P01", "42703": // a table or column is not there
		return ErrSchemaPending
	case "3D000":
		return ErrMissing
	case "53100": // disk_full
		return ErrFull
	case "0A000", "26000": // a statement whose plan, or session, somebody else has changed
		return ErrUnavailable
	case "38000", // by a trigger in a language other than SQL
		"54000": // a value too long for an index
		return nil
	}
	switch code[:min(2, len(code))] {
	case "28":
		return ErrPermission
	case "XX":
		return ErrCorrupt
	case "08", "25", "40", "53", "55", "57", "58", "72":
		return ErrUnavailable
	case "09", "21", "22", "23", "44", "P0": // values, constraints, and what triggers raise
		return nil
	}
	return ErrFault
}
