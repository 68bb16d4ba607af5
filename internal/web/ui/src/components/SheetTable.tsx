import { useMemo } from 'preact/hooks'
import type { Cell, Sheet } from '../csv'
import { none } from '../format'
import { slug } from '../save'
import { arrangementOf } from '../state'
import type { Column } from '../table'
import { DataTable } from './DataTable'

export interface SheetTableProps {
  id: string // of the table in addresses
  name: string
  sheet: Sheet // its first line is the head; units stand there
}

/** The figures behind a chart. */
export function SheetTable({ id, name, sheet }: SheetTableProps) {
  const { columns, rows } = useMemo(() => read(sheet), [sheet])
  return <DataTable name={name} columns={columns} rows={rows} id={(row) => String(row.number)} {...arrangementOf(id, unsorted)} />
}

const unsorted = { column: '', descending: false }

interface Line {
  number: number
  cells: readonly Cell[]
}

function read([head = [], ...lines]: Sheet): { columns: readonly Column<Line>[]; rows: readonly Line[] } {
  const rows = lines.map((cells, number) => ({ number, cells }))
  const columns = head.map((title, i): Column<Line> => {
    const numeric = lines.every((cells) => typeof cells[i] !== 'string')
    const format = lines.every((cells) => Number.isInteger(cells[i] ?? 0)) ? formats.whole : formats.fraction
    return {
      key: slug(String(title).replace(/ \(.*\)$/, '')), // an address knows no zone
      heading: String(title),
      label: String(title),
      value: ({ cells }) => cells[i] ?? null,
      numeric,
      ...(numeric && { text: ({ cells }) => figure(cells[i], format) }),
    }
  })
  return { columns, rows }
}

const digits = (decimals: number) =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
const formats = { whole: digits(0), fraction: digits(2) }

/** A number with its thousands separated and as many decimals as the others of its column. */
const figure = (cell: Cell | undefined, format: Intl.NumberFormat): string =>
  typeof cell === 'number' && Number.isFinite(cell) ? format.format(cell) : none
