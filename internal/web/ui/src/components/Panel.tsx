import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { load, valueOf, type Asked, type Failure } from '../api'
import type { Sheet } from '../csv'
import { useKeptFocus } from '../focus'
import { visible } from '../visible'
import { SheetTable } from './SheetTable'
import { useWords } from './Spoken'

export interface PanelProps<T> {
  title: string
  testid: string // data-testid, panel-…
  answer: Asked<T>
  empty: (value: T) => boolean // true: there is nothing to show
  summary?: (value: T) => string // what a chart says, in words
  table?: (value: T) => Sheet // behind `Show as table`
  onRetry?: () => void // without it everything is loaded again
  tools?: ComponentChildren // in the head, beside `Show as table`
  class?: string
  children: (value: T) => ComponentChildren
}

/** One question's answer, in every state it can be in. */
export function Panel<T>(props: PanelProps<T>) {
  const { title, testid, answer, empty, summary, table, onRetry = () => void load() } = props
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const calculating = useCalculating(answer)
  const value = valueOf(answer)
  const nothing = value !== undefined && empty(value)
  const section = useRef<HTMLElement>(null)
  useKeptFocus(() => section.current)
  useWords(testid, answer.state === 'failed' ? visible(answer.failure.message) : calculating ? 'Calculating...' : undefined, answer.state === 'loading')
  return (
    <section
      ref={section}
      tabIndex={-1} // takes the focus of what goes
      class={`panel ${props.class ?? ''}`}
      data-testid={testid}
      data-state={stateOf(answer, calculating, nothing)}
      aria-labelledby={`${id}-title`}
      aria-describedby={summary && value !== undefined && !nothing ? `${id}-summary` : undefined}
      aria-busy={answer.state === 'loading'}
    >
      <div class="panel-head">
        <h2 class="panel-title" id={`${id}-title`}>{title}</h2>
        <div class="panel-tools">
          {props.tools}
          {table && value !== undefined && !nothing && (
            <button type="button" class="button button-quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              Show as table
            </button>
          )}
        </div>
      </div>
      <div class="panel-body">
        {answer.state === 'failed' && <Failed failure={answer.failure} onRetry={onRetry} line={value !== undefined} />}
        {value === undefined
          ? answer.state === 'loading' && <Waiting calculating={calculating} />
          : nothing
            ? <div class="panel-state">No data available</div>
            : (
              <>
                {answer.state === 'loading' && calculating && <p class="panel-note" aria-hidden="true">Calculating...</p>}
                {summary && <p class="visually-hidden" id={`${id}-summary`}>{summary(value)}</p>}
                {asTable && table ? <SheetTable id={testid.replace('panel-', '')} name={title} sheet={table(value)} /> : props.children(value)}
              </>
            )}
      </div>
    </section>
  )
}

function stateOf(answer: Asked<unknown>, calculating: boolean, nothing: boolean): string {
  switch (answer.state) {
    case 'loading':
      return calculating ? 'calculating' : 'loading'
    case 'failed':
      return answer.failure.kind === 'unavailable' ? 'unavailable' : 'failed'
    case 'done':
      return nothing ? 'empty' : 'done'
  }
}

/** How long a question may take before the page says that it takes long. */
const patience = 2_000

function useCalculating(answer: Asked<unknown>): boolean {
  const since = answer.state === 'loading' ? answer.since : undefined
  const [late, setLate] = useState<number>()
  useEffect(() => {
    if (since === undefined) return
    const timer = setTimeout(() => setLate(since), since + patience - Date.now())
    return () => clearTimeout(timer)
  }, [since])
  return since !== undefined && late === since
}

function Waiting({ calculating }: { calculating: boolean }) {
  return calculating
    ? <div key="calculating" class="panel-state" aria-hidden="true">Calculating...</div>
    : <div key="skeleton" class="skeleton" aria-hidden="true" />
}

/** Why there is no answer: in a line above what was answered before, if anything was. */
function Failed({ failure, onRetry, line }: { failure: Failure; onRetry: () => void; line: boolean }) {
  return (
    <div class={line ? 'panel-line' : 'panel-state'}>
      <p class="panel-error">{visible(failure.message)}</p>
      {failure.hint && <p>{visible(failure.hint)}</p>}
      {failure.correlationId && <p class="correlation">Correlation id {visible(failure.correlationId)}</p>}
      <button type="button" class="button" onClick={onRetry}>Try again</button>
    </div>
  )
}
