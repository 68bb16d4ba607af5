import { escaped } from './visible'

/** What a cell holds: untrusted text, a number of our own, or nothing. */
export type Cell = string | number | null

/** One row of cells for each line; the first line holds the headings. */
export type Sheet = readonly (readonly Cell[])[]

/** Comma-separated values as RFC 4180 has them, every line ended by CRLF, text through its sanitiser. */
export const toCSV = (sheet: Sheet): string => lines(sheet, ',', /^[ \t]|[",\r\n]/, '\r\n')

/** Tab-separated values, for pasting into a spreadsheet. */
export const toTSV = (sheet: Sheet): string => lines(sheet, '\t', /["\t\r\n]/, '\n')

function lines(sheet: Sheet, separator: string, special: RegExp, end: string): string {
  const write = (cell: Cell): string => {
    if (cell === null) return ''
    const text = typeof cell === 'number' ? decimal(cell) : cellText(cell)
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return sheet.map((row) => row.map(write).join(separator) + end).join('')
}

/** What makes a spreadsheet read a cell as a formula, full-width forms included (OWASP, "CSV Injection"). */
const formula = /^[ \u00a0\u3000\ufeff]*[=+\-@\t\r\n＝＋－＠]/

/**
 * THE sanitiser of untrusted text on its way into a cell of a file or of the
 * clipboard, the same as that of the report (CSVCell of internal/text). A cell
 * that a spreadsheet would calculate is prefixed with an apostrophe, and so is
 * what follows a semicolon, where spreadsheets split cells too. Characters that
 * do not show themselves are escaped.
 */
export const cellText = (text: string): string =>
  escaped(
    text
      .split(';')
      .map((part) => (formula.test(part) ? `'${part}` : part))
      .join(';'),
  )

/** A number in full and without an exponent, which not every spreadsheet reads. Nothing for what is no number. */
function decimal(n: number): string {
  if (!Number.isFinite(n)) return ''
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(n))
  if (!match) return String(n)
  const [, sign, whole, part = '', power] = match
  const digits = `${whole}${part}`
  const point = 1 + Number(power)
  return point > 0 ? `${sign}${digits.padEnd(point, '0')}` : `${sign}0.${'0'.repeat(-point)}${digits}`
}
