package text

import "strings"

// formulaStarts are the characters that make a spreadsheet read a cell as a
// formula, their full-width forms included (OWASP, "CSV Injection").
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// CSVCell is THE sanitiser of untrusted text on its way into a CSV cell. A cell
// that a spreadsheet would calculate is prefixed with an apostrophe, also when
// spaces come first; the rest passes through [Terminal], since CSV is printed
// on terminals too. Quotes and commas are left to encoding/csv. Numbers that
// the program itself writes need no sanitising.
func CSVCell(s string) string {
	start := strings.TrimLeft(s, " \u00a0\u3000\ufeff")
	if start != "" && strings.ContainsRune(formulaStarts, first(start)) {
		return "'" + Terminal(s)
	}
	return Terminal(s)
}
