import { expect, test } from 'vitest'
import examples from '../../../text/testdata/examples.json'
import { cellText, toCSV, toTSV } from './csv'

test.each(examples.csv_cell)('cell $want, as in the report', ({ in: text, want }) => {
  expect(cellText(text)).toBe(want)
})

test('a file has a line for each row, and every line its end', () => {
  expect(toCSV([['endpoint', 'count'], ['/orders', 12], ['/users', null]])).toBe('endpoint,count\r\n/orders,12\r\n/users,\r\n')
  expect(toTSV([['endpoint', 'count'], ['/orders', 12]])).toBe('endpoint\tcount\n/orders\t12\n')
})

test.each([
  ['a comma', 'a,b', '"a,b"'],
  ['quotes', 'say "x"', '"say ""x"""'],
  ['outer spaces', ' a', '" a"'],
  ['a line break, which is escaped', 'a\nb', 'a\\nb'],
  ['nothing', '', ''],
  ['a formula with quotes', '=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
])('CSV of %s', (_, text, want) => expect(toCSV([[text]])).toBe(`${want}\r\n`))

test.each([
  ['a comma', 'a,b', 'a,b'],
  ['quotes', '"a', '"""a"'],
  ['a tab, which is escaped', 'a\tb', 'a\\tb'],
  ['a formula', '+1', "'+1"],
])('TSV of %s', (_, text, want) => expect(toTSV([[text]])).toBe(`${want}\n`))

test.each([
  [-12.5, '-12.5'],
  [1e21, '1000000000000000000000'],
  [1.25e-7, '0.000000125'],
  [-3e-9, '-0.000000003'],
  [1.5e22, '15000000000000000000000'],
  [NaN, ''],
  [Infinity, ''],
])('the number %d is written in full', (n, want) => expect(toCSV([[n]])).toBe(`${want}\r\n`))
