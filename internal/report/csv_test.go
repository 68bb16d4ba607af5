package report_test

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/report"
)

var plainNumber = regexp.MustCompile(`^-?[0-9.]+$`)

func TestCSVHoldsNoFormula(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, section := range report.Sections() {
			out := render(t, r, report.CSV, report.Options{Section: section})
			records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil {
				t.Fatalf("%s, %s: %v", name, section, err)
			}
			for _, record := range records {
				for _, cell := range record {
					if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") && !plainNumber.MatchString(cell) {
						t.Errorf("%s, %s: %q is a formula", name, section, cell)
					}
				}
			}
		}
	}
}

// TestCSVHoldsNumbers: whatever is no name and no time is a number, or empty,
// so that programs read the column as one of numbers.
func TestCSVHoldsNumbers(t *testing.T) {
	t.Parallel()
	words := strings.Fields("endpoint method error_type first_seen last_seen event_type page_name element_id timestamp")
	for name, r := range reports() {
		for _, section := range report.Sections() {
			records, err := csv.NewReader(strings.NewReader(render(t, r, report.CSV, report.Options{Section: section}))).ReadAll()
			if err != nil {
				t.Fatalf("%s, %s: %v", name, section, err)
			}
			for _, record := range records[1:] {
				for i, column := range records[0] {
					if record[i] != "" && !slices.Contains(words, column) && !plainNumber.MatchString(record[i]) {
						t.Errorf("%s, %s: %s is %q", name, section, column, record[i])
					}
				}
			}
		}
	}
}
