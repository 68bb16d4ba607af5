import type { ComponentChildren } from 'preact'
import { count, percent } from '../format'

export interface Bar {
  key: string
  label: ComponentChildren
  title: string // the label in full, where there is no room for it
  value: number
  failed?: boolean // something went wrong with these
  chosen?: boolean // the rest of the page is about this one
}

export interface BarsProps {
  name: string // of the list, for those who hear it
  rows: readonly Bar[]
  total?: number // of which the rows are parts; none: shares say nothing
  onChoose?: (bar: Bar) => void
  kind: 'events' | 'pages' | 'elements' | 'failed' | 'requests'
}

/** How many rows are drawn; who wants the others has them as a table. */
const drawn = 100

/** A ranking, in the order of its rows; bars are relative to the longest. */
export function Bars({ name, rows, total, kind, onChoose }: BarsProps) {
  const most = Math.max(1, ...rows.map((row) => row.value))
  return (
    <div class="scroll bars-scroll" tabIndex={0} role="group" aria-label={name}>
      <ol class={`bars bars-${kind}`}>
        {rows.slice(0, drawn).map((row) => (
          <li key={row.key} class={row.failed ? 'bars-failed' : undefined}>
            <span class="bar-label" title={row.title}>
              {onChoose
                ? <button type="button" class="bar-button" aria-pressed={row.chosen === true} onClick={() => onChoose(row)}>{row.label}</button>
                : row.label}
            </span>
            <span class="bar-value">
              {count(row.value)}
              {total !== undefined && total > 0 && <> <span class="bar-share">{percent(row.value / total)}</span></>}
            </span>
            <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
              <rect class="bar-track" width="100" height="1" />
              <rect class="bar-fill" width={Math.max((row.value / most) * 100, row.value > 0 ? 0.5 : 0)} height="1" />
            </svg>
          </li>
        ))}
      </ol>
      {rows.length > drawn && <p class="panel-note">{`and ${count(rows.length - drawn)} more`}</p>}
    </div>
  )
}
