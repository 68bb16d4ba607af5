package text

import "strings"

// formulaStarts are the characters that make a spreadsheet read a cell as a
// formula, their full-width forms included (OWASP, "CSV Injection").
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// CSVCell is THE sanitiser of untrusted text on its way into a CSV cell. A cell
// that a spreadsheet would calculate is prefixed with an apostrophe, also when
// spaces come first. So is what follows a semicolon, where spreadsheets split
// cells too: all in countries with a decimal comma, LibreOffice everywhere. The
// rest passes through [Terminal], since CSV is printed on terminals too. Quotes
// and commas are left to encoding/csv. Numbers that the program itself writes
// need no sanitising.
func CSVCell(s string) string {
	parts := strings.Split(s, ";")
	for i, part := range parts {
		if startsFormula(part) {
			parts[i] = "'" + part
		}
	}
	return Terminal(strings.Join(parts, ";"))
}

func startsFormula(s string) bool {
	start := strings.TrimLeft(s, " \u00a0\u3000\ufeff")
	return start != "" && strings.ContainsRune(formulaStarts, first(start))
}
