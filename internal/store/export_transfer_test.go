package store

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
