import { expect, test } from 'vitest'
import { arrange, partsOf, pressed, sheetOf, shownText, widths, wordsOf, type Column, type Part } from './table'

interface Row {
  name: string
  ms: number | null
  at: string
}

const name: Column<Row> = { key: 'name', label: 'Name', value: (r) => r.name }
const ms: Column<Row> = { key: 'ms', label: 'Time', value: (r) => r.ms, numeric: true }
const at: Column<Row> = { key: 'at', label: 'Seen', value: (r) => r.at, order: (r) => Date.parse(r.at), text: (r) => `at ${r.at.slice(11, 13)}` }
const columns = [name, ms, at]

const rows: Row[] = [
  { name: '/b10', ms: 5, at: '2025-01-01T03:00:00Z' },
  { name: '/b9', ms: null, at: '2025-01-01T02:00:00.5Z' },
  { name: '/Ä', ms: 50, at: '2025-01-01T02:00:00Z' },
  { name: '/a', ms: 50, at: '2025-01-01T09:00:00Z' },
]
const names = (list: readonly Row[]): string[] => list.map((row) => row.name)

test.each([
  ['name', false, ['/a', '/Ä', '/b9', '/b10']],
  ['name', true, ['/b10', '/b9', '/Ä', '/a']],
  ['ms', true, ['/Ä', '/a', '/b10', '/b9']],
  ['ms', false, ['/b10', '/Ä', '/a', '/b9']],
  ['at', false, ['/Ä', '/b9', '/b10', '/a']],
  ['no such column', true, ['/b10', '/b9', '/Ä', '/a']],
  ['__proto__', true, ['/b10', '/b9', '/Ä', '/a']],
])('sorted by %s, descending %s', (column, descending, want) => {
  expect(names(arrange(rows, columns, { column, descending }, ''))).toEqual(want)
})

test.each([
  ['', 4],
  ['  ', 4],
  ['b', 2],
  ['B 10', 1],
  ['10 B', 1],
  ['at09', 0],
  ['at b9', 1],
  ['2025-01-01T09', 1],
  ['50', 0],
  ['.*', 0],
])('the filter %j leaves %d rows', (filter, want) => {
  expect(arrange(rows, columns, { column: '', descending: false }, filter)).toHaveLength(want)
})

test('the words of a row are put together once, whatever is typed', () => {
  let asked = 0
  const counted: Column<Row> = { ...name, value: (r) => (asked++, r.name) }
  const words = wordsOf([counted])
  for (const filter of ['b', 'b1', 'b10']) arrange(rows, [counted], { column: '', descending: false }, filter, words)
  expect(asked).toBe(2 * rows.length) // as it is and as it is shown
})

test('what is filtered and sorted is a list of its own', () => {
  const before = names(rows)
  arrange(rows, columns, { column: 'name', descending: false }, '')
  expect(names(rows)).toEqual(before)
})

test('a filter finds names that hide characters, as they are and as they are shown', () => {
  const hiding = [{ name: '/a\u202eb', ms: 1, at: '' }]
  for (const filter of ['/a\u202eb', '/a\\u202eb']) expect(arrange(hiding, columns, { column: '', descending: false }, filter)).toHaveLength(1)
})

test('a pressed head sorts numbers from the highest and names from the first, then the other way round', () => {
  const byName = { column: 'name', descending: false }
  expect(pressed(ms, byName)).toEqual({ column: 'ms', descending: true })
  expect(pressed(ms, { column: 'ms', descending: true })).toEqual({ column: 'ms', descending: false })
  expect(pressed(name, { column: 'ms', descending: true })).toEqual(byName)
})

test('files hold values in full under the names of the API', () => {
  expect(sheetOf(columns, rows.slice(0, 2))).toEqual([
    ['name', 'ms', 'at'],
    ['/b10', 5, '2025-01-01T03:00:00Z'],
    ['/b9', null, '2025-01-01T02:00:00.5Z'],
  ])
})

test('cells show visible text', () => {
  expect(shownText(name, { name: 'a\nb', ms: 1, at: '' })).toBe('a\\nb')
  expect(shownText(ms, { name: '', ms: 15234, at: '' })).toBe('15,234')
  expect(widths(columns, rows)).toEqual([4, 2, 5])
})

const show = (parts: readonly Part[]): string => parts.map((p) => ('gap' in p ? `(${p.gap})` : p.row)).join(' ')

test.each([
  [3, { from: 0, to: 3 }, 0, '0 1 2'],
  [0, { from: 0, to: 0 }, 0, ''],
  [9, { from: 3, to: 5 }, 4, '(3) 3 4 (4)'],
  [9, { from: 3, to: 5 }, 0, '0 (2) 3 4 (4)'],
  [9, { from: 3, to: 5 }, 2, '(2) 2 3 4 (4)'],
  [9, { from: 3, to: 5 }, 8, '(3) 3 4 (3) 8'],
  [9, { from: 3, to: 3 }, 5, '(5) 5 (3)'],
])('of %d rows, %j and %d', (total, span, besides, want) => {
  expect(show(partsOf(total, span, besides))).toBe(want)
})
