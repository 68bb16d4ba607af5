import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { none } from '../format'
import { useActiveRow } from '../rows'
import { fewRows, useSpan } from '../span'
import { arrange, partsOf, pressed, shownText, widths, wordsOf, type Column, type Sort } from '../table'
import { TableTools } from './TableTools'

export type { Column, Sort } from '../table'

export interface DataTableProps<R> {
  name: string // of the file, and of the table for those who hear it
  columns: readonly Column<R>[] // the first names the row; the same list at every call
  rows: readonly R[]
  id: (row: R) => string
  sort: Sort
  onSort: (sort: Sort) => void
  filter: string
  onFilter: (filter: string) => void
  onOpen?: (row: R) => void
  href?: (row: R) => string // the address of what onOpen shows
}

/** A table that is sorted, filtered, walked through, copied and saved. */
export function DataTable<R>(props: DataTableProps<R>) {
  const { name, columns, rows, sort, filter, onOpen } = props
  const words = useMemo(() => wordsOf(columns), [rows, columns])
  const shown = useMemo(() => arrange(rows, columns, sort, filter, words), [rows, columns, words, sort.column, sort.descending, filter])
  const characters = useMemo(() => (rows.length > fewRows ? widths(columns, rows) : []), [rows, columns])
  const box = useRef<HTMLDivElement>(null)
  const arrangement = `${sort.column} ${sort.descending} ${filter}`
  const span = useSpan(shown.length, box, arrangement)
  const active = useActiveRow(shown.length, box, arrangement)
  const arranged = useRef(arrangement)
  useLayoutEffect(() => {
    if (arranged.current === arrangement) return // a new table is at its top; to say so costs a layout
    arranged.current = arrangement
    if (box.current) box.current.scrollTop = 0
  }, [arrangement])

  const sorted = columns.find(({ key }) => key === sort.column)
  return (
    <div class="data-table">
      <TableTools name={name} columns={columns} shown={shown} total={rows.length} filter={filter} onFilter={props.onFilter} />
      <div class="scroll table-scroll" ref={box} role="group" aria-label={name} tabIndex={onOpen ? undefined : 0}>
        <table class={characters.length > 0 ? 'table table-long' : 'table'} aria-rowcount={shown.length + 1}>
          <caption class="visually-hidden">
            {name}{sorted && `, sorted by ${sorted.label}, ${sort.descending ? 'descending' : 'ascending'}`}
          </caption>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column, i) => <Head key={column.key} column={column} characters={characters[i]} sort={sort} onSort={props.onSort} />)}
            </tr>
          </thead>
          <tbody onKeyDown={onOpen && active.onKeyDown}>
            {partsOf(shown.length, span, onOpen ? active.index : span.from).map((part) => {
              if ('gap' in part) return <Gap key={`gap before ${part.before}`} rows={part.gap} columns={columns.length} />
              const row = shown[part.row]!
              return (
                <Row
                  key={props.id(row)}
                  {...props}
                  row={row}
                  index={part.row}
                  active={part.row === active.index}
                  onFocus={active.onFocus}
                />
              )
            })}
            {shown.length === 0 && <tr><td class="muted" colSpan={columns.length}>No row matches the filter.</td></tr>}
          </tbody>
        </table>
      </div>
    </div>
  )
}

interface HeadProps<R> {
  column: Column<R>
  characters: number | undefined // how wide it is at least
  sort: Sort
  onSort: (sort: Sort) => void
}

function Head<R>({ column, characters, sort, onSort }: HeadProps<R>) {
  const direction = sort.column === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined
  return (
    <th
      scope="col" class={column.numeric ? 'number' : undefined} aria-sort={direction}
      style={characters === undefined ? undefined : { '--characters': characters }}
    >
      <button type="button" title={column.title} onClick={() => onSort(pressed(column, sort))}>
        {column.label}
        <span class="sort-mark" aria-hidden="true">{direction && (sort.descending ? '▼' : '▲')}</span>
      </button>
    </th>
  )
}

interface RowProps<R> extends DataTableProps<R> {
  row: R
  index: number
  active: boolean
  onFocus: (index: number) => void
}

function Row<R>({ columns, row, index, active, onFocus, onOpen, href }: RowProps<R>) {
  const onClick = (event: MouseEvent): void => {
    // Who selects text to copy it does not want to leave.
    if (getSelection()?.isCollapsed === false || (event.target as Element).closest('a, button')) return
    onOpen?.(row)
  }
  return (
    <tr data-row={index} data-open={onOpen && true} aria-rowindex={index + 2} onClick={onOpen && onClick}>
      {columns.map((column, i) => {
        const text = shownText(column, row)
        const name = <bdi class="cut" title={text}>{text || none}</bdi>
        if (i > 0) {
          return (
            <td key={column.key} class={`${column.numeric ? 'number' : ''} ${column.mark ? 'marked' : ''}`.trim() || undefined}>
              {column.cell?.(row) || (column.numeric ? text : name)}{column.mark?.(row)}
            </td>
          )
        }
        return (
          <th key={column.key} scope="row" class={column.numeric ? 'number' : undefined}>
            {onOpen
              ? <RowLink row={row} onOpen={onOpen} href={href} active={active} onFocus={() => onFocus(index)}>{name}</RowLink>
              : name}
          </th>
        )
      })}
    </tr>
  )
}

interface RowLinkProps<R> {
  row: R
  onOpen: (row: R) => void
  href: ((row: R) => string) | undefined
  active: boolean
  onFocus: () => void
  children: ComponentChildren
}

/** What Enter opens: a link where there is an address, so that a new tab can have it as well. */
function RowLink<R>({ row, onOpen, href, active, onFocus, children }: RowLinkProps<R>) {
  const onClick = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onOpen(row)
  }
  const same = { class: 'link row-link', tabIndex: active ? 0 : -1, onFocus, onClick }
  return href ? <a {...same} href={href(row)}>{children}</a> : <button {...same} type="button">{children}</button>
}

/** Where rows are left out that are not in sight. */
function Gap({ rows, columns }: { rows: number; columns: number }) {
  return <tr class="gap" aria-hidden="true"><td colSpan={columns} style={{ '--rows': rows }} /></tr>
}
