package store

import "context"

// TransferColumns returns the columns that a copy carries, as table.column.
func TransferColumns() []string {
	var all []string
	for _, t := range transferTables {
		for _, name := range t.names() {
			all = append(all, t.name+"."+name)
		}
	}
	return all
}

// Meaning returns what a document is compared by, how PostgreSQL gets it, and
// whether that differs from the text.
func Meaning(text string) (meaning, written string, adjusted bool) {
	d := readDocument(text, nil)
	return string(d.meaning), d.text, d.adjusted
}

// Setting returns what a setting of PostgreSQL is in the snapshot.
func (v *Snapshot) Setting(ctx context.Context, name string) (value string, err error) {
	err = v.tx.QueryRowContext(ctx, `SELECT current_setting($1)`, name).Scan(&value)
	return value, err
}
