package store

import (
	"fmt"
	"strings"
)

// filter collects the conditions of a WHERE clause and their parameters.
type filter struct {
	conditions []string
	args       []any
}

// where adds a condition; each %s in it becomes the placeholder of the next
// value.
func (f *filter) where(condition string, values ...any) {
	placeholders := make([]any, len(values))
	for i, value := range values {
		f.args = append(f.args, value)
		placeholders[i] = fmt.Sprintf("$%d", len(f.args))
	}
	f.conditions = append(f.conditions, fmt.Sprintf(condition, placeholders...))
}

// equals adds a condition on a column unless the value is empty.
func (f *filter) equals(column, value string) {
	if value != "" {
		f.where(column+" = %s", value)
	}
}

func (f *filter) String() string { return strings.Join(f.conditions, " AND ") }
