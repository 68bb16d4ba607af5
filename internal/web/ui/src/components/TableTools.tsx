import { useEffect, useState } from 'preact/hooks'
import { toCSV, toTSV } from '../csv'
import { count } from '../format'
import { copy, download, slug } from '../save'
import { sheetOf, type Column } from '../table'

export interface TableToolsProps<R> {
  name: string
  columns: readonly Column<R>[]
  shown: readonly R[] // that match the filter, in their order
  total: number // with those that do not match
  filter: string
  onFilter: (filter: string) => void
}

/** The line above a table: what filters it, how much that leaves, and where else it can go. */
export function TableTools<R>({ name, columns, shown, total, filter, onFilter }: TableToolsProps<R>) {
  const [said, say] = useState('')
  useEffect(() => say(''), [shown])
  const rows = `${count(shown.length)} ${shown.length === 1 ? 'row' : 'rows'}`

  const onCopy = async (): Promise<void> => {
    const done = await copy(toTSV(sheetOf(columns, shown)))
    say(done ? `Copied ${rows}` : 'The browser refuses to copy')
  }
  return (
    <div class="table-tools">
      <input
        type="search" class="field" placeholder="Filter" aria-label={`Filter ${name}`} autoComplete="off" spellcheck={false}
        value={filter} onInput={(event) => onFilter(event.currentTarget.value)}
      />
      <span class="panel-note" role="status">{said || (filter ? `${count(shown.length)} of ${count(total)} rows` : rows)}</span>
      <span class="panel-tools">
        <button
          type="button" class="button button-quiet" aria-label={`Download CSV of ${rows}`} title={`Download CSV of ${rows}`}
          onClick={() => download(`appmetrics-${slug(name)}.csv`, toCSV(sheetOf(columns, shown)))}
        >
          CSV
        </button>
        <button type="button" class="button button-quiet" aria-label={`Copy ${rows}`} title={`Copy ${rows}`} onClick={() => void onCopy()}>
          Copy
        </button>
      </span>
    </div>
  )
}
