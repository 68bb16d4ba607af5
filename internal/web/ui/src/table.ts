import type { ComponentChildren } from 'preact'
import type { Cell, Sheet } from './csv'
import { count } from './format'
import { visible } from './visible'

/** A column of a table whose rows are R. */
export interface Column<R> {
  key: string // the API's name of it: names the column in addresses, and heads it in files
  heading?: string // what heads it in files, where the API has no name for it
  label: string
  title?: string // the label in full, where it is short
  value: (row: R) => Cell // what is filtered, sorted and written to a file
  order?: (row: R) => number // what is sorted, when the value itself sorts wrongly
  text?: (row: R) => string // what is shown, when the value itself does not read well
  cell?: (row: R) => ComponentChildren // stands in place of the text, unless it is nothing
  mark?: (row: R) => ComponentChildren // stands below the text
  numeric?: boolean
}

export interface Sort {
  column: string
  descending: boolean
}

/** What a cell shows, as a line in which every character is visible. */
export function shownText<R>(column: Column<R>, row: R): string {
  if (column.text) return visible(column.text(row))
  const value = column.value(row)
  return typeof value === 'number' ? count(value) : visible(value ?? '')
}

/** The words of a row, which a filter looks through. */
export type WordsOf<R> = (row: R) => string

/** The words of rows, each row's put together once: every letter of a filter looks through all of them. */
export function wordsOf<R>(columns: readonly Column<R>[]): WordsOf<R> {
  const searched = columns.filter((column) => !column.numeric)
  const known = new Map<R, string>()
  return (row) => {
    let words = known.get(row)
    if (words === undefined) {
      words = searched.map((column) => `${column.value(row) ?? ''} ${shownText(column, row)}`).join(' ').toLowerCase()
      known.set(row, words)
    }
    return words
  }
}

/** The rows that match every word of the filter, in the order of the sort. */
export function arrange<R>(rows: readonly R[], columns: readonly Column<R>[], sort: Sort, filter: string, words: WordsOf<R> = wordsOf(columns)): readonly R[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const matching = wanted.length === 0 ? [...rows] : rows.filter((row) => wanted.every((word) => words(row).includes(word)))
  const column = columns.find(({ key }) => key === sort.column)
  return column ? sorted(matching, column, sort.descending) : matching
}

const collator = new Intl.Collator('en', { numeric: true })

/** The rows by one column; what is missing comes last in both directions. */
function sorted<R>(rows: readonly R[], column: Column<R>, descending: boolean): readonly R[] {
  const key = column.order ?? column.value
  const compare = (a: Cell, b: Cell): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
    return descending ? -order : order
  }
  return rows.map((row) => ({ row, key: key(row) })).sort((a, b) => compare(a.key, b.key)).map(({ row }) => row)
}

/** The sort after a column's head was pressed: the other way round, and of another column numbers from the highest. */
export const pressed = <R>(column: Column<R>, sort: Sort): Sort => ({
  column: column.key,
  descending: sort.column === column.key ? !sort.descending : !!column.numeric,
})

/** The rows as a sheet, under the names that the API has for the columns. */
export const sheetOf = <R>(columns: readonly Column<R>[], rows: readonly R[]): Sheet => [
  columns.map(({ key, heading = key }) => heading),
  ...rows.map((row) => columns.map(({ value }) => value(row))),
]

/** How many characters wide each column is, so that columns keep their widths whichever rows are there. */
export const widths = <R>(columns: readonly Column<R>[], rows: readonly R[]): number[] =>
  columns.map((column) => rows.reduce((most, row) => Math.max(most, shownText(column, row).length), 0))

/** Rows [from, to) of a table. */
export interface Span {
  from: number
  to: number
}

/** What stands in the body of a table: a row, or the space of those that are left out. */
export type Part = { row: number } | { gap: number; before: number }

/** The rows of a span and one row more, which may lie outside, with the space between and around them. */
export function partsOf(total: number, span: Span, besides: number): Part[] {
  const parts: Part[] = []
  let next = 0
  const add = (row: number): void => {
    if (row > next) parts.push({ gap: row - next, before: row })
    parts.push({ row })
    next = row + 1
  }
  if (besides < span.from) add(besides)
  for (let row = span.from; row < span.to; row++) add(row)
  if (besides >= span.to && besides < total) add(besides)
  if (next < total) parts.push({ gap: total - next, before: total })
  return parts
}
