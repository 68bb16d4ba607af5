import { useLayoutEffect, useRef } from 'preact/hooks'
import { valueOf, type Performance } from '../api'
import { useAsked } from '../asked'
import { askCourse, askErrors, askFailing, askFigures, askSlowest, shown, type Name, type Subject } from '../endpoint'
import { count, milliseconds, percent } from '../format'
import { loaded, open, question } from '../state'
import { EndpointPanels } from './EndpointPanels'
import { Text } from './Text'

/** One endpoint, in a sheet over everything else; shown when the view names one. Esc and the button close it. */
export function EndpointView(name: Name) {
  const sheet = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = sheet.current!
    dialog.showModal()
    return () => dialog.close() // while it is still there, so that the focus goes back to where it was
  }, [])
  const close = (): void => open({ endpoint: undefined })
  const { method, endpoint } = name
  return (
    <dialog
      class="sheet"
      ref={sheet}
      data-testid="endpoint-view"
      aria-labelledby="endpoint-title"
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => {
        if (event.target === sheet.current) close()
      }}
    >
      <div class="sheet-head">
        <h2 id="endpoint-title"><span class="method"><Text of={method} /></span> <Text of={endpoint} /></h2>
        <button type="button" class="button" onClick={close}>Back to overview</button>
      </div>
      <Body subject={{ view: loaded.value, name: { method, endpoint } }} />
    </dialog>
  )
}

function Body({ subject }: { subject: Subject }) {
  const key = JSON.stringify([question.value, subject.name])
  const figures = useAsked({ key, ask: (aborted) => askFigures(subject, aborted) })
  const buckets = valueOf(figures.answer)?.histogram
  const answers = {
    figures,
    course: useAsked({ key, ask: (aborted) => askCourse(subject, aborted) }),
    errors: useAsked({ key, ask: (aborted) => askErrors(subject, aborted) }),
    failing: useAsked({ key, ask: (aborted) => askFailing(subject, aborted) }),
    slowest: useAsked({ key: buckets && key, ask: (aborted) => askSlowest(subject, buckets ?? [], aborted) }),
  }
  const value = valueOf(figures.answer)
  return (
    <div class="sheet-body">
      <Figures metrics={value?.metrics} />
      <EndpointPanels {...answers} zone={subject.view.zone} shown={shown} />
    </div>
  )
}

function Figures({ metrics }: { metrics: Performance['metrics'] | undefined }) {
  const time = (ms: number | undefined): string => milliseconds(metrics?.total_requests ? ms : undefined)
  const list = [
    ['Requests', count(metrics?.total_requests)],
    ['Error rate', percent(metrics?.error_rate)],
    ['Avg', time(metrics?.avg_response_time_ms)],
    ['p50', time(metrics?.p50_response_time_ms)],
    ['p95', time(metrics?.p95_response_time_ms)],
    ['p99', time(metrics?.p99_response_time_ms)],
    ['Min', time(metrics?.min_response_time_ms)],
    ['Max', time(metrics?.max_response_time_ms)],
    ['Users', count(metrics?.active_users)],
  ] as const
  return (
    <dl class="figures">
      {list.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
