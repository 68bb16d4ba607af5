import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { valueOf, type Performance } from '../api'
import { useAsked } from '../asked'
import { askCourse, askErrors, askFailing, askFigures, askSlowest, type Name, type Subject } from '../endpoint'
import { brief, count, date, milliseconds, percent } from '../format'
import { loaded, open, question, type Zone } from '../state'
import { visible } from '../visible'
import { EndpointPanels } from './EndpointPanels'
import { noWords, Page, Spoken } from './Spoken'
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
  const words = useMemo(noWords, [])
  useEffect(() => {
    const before = document.title
    document.title = `${visible(method)} ${visible(endpoint)} – ${before}`
    return () => {
      document.title = before
    }
  }, [method, endpoint])
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
      <Page.Provider value={words}>
        <Content subject={{ view: loaded.value, name: { method, endpoint } }} onClose={close} />
        <div role="status"><Spoken /></div>
      </Page.Provider>
    </dialog>
  )
}

function Content({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const key = JSON.stringify([question.value, subject.name])
  const figures = useAsked({ key, ask: (aborted) => askFigures(subject, aborted) })
  const value = valueOf(figures.answer)
  const answers = {
    figures,
    course: useAsked({ key, ask: (aborted) => askCourse(subject, aborted) }),
    errors: useAsked({ key, ask: (aborted) => askErrors(subject, aborted) }),
    failing: useAsked({ key, ask: (aborted) => askFailing(subject, aborted) }),
    slowest: useAsked({ key: value && key, ask: (aborted) => askSlowest(subject, value?.histogram ?? [], aborted) }),
  }
  const { view: { zone }, name: { method, endpoint } } = subject
  return (
    <>
      <div class="sheet-head">
        <h2 id="endpoint-title"><span class="method"><Text of={method} /></span> <Text of={endpoint} /></h2>
        {value && <Span of={value} zone={zone} />}
        <button type="button" class="button" onClick={onClose}>Back to overview</button>
      </div>
      <div class="sheet-body">
        <Figures metrics={value?.metrics} />
        <EndpointPanels {...answers} zone={zone} />
      </div>
    </>
  )
}

/** Of which time the answers are. */
function Span({ of: { start_time, end_time }, zone }: { of: Performance; zone: Zone }) {
  const [start, end] = [date(start_time, zone), date(end_time, zone)]
  return (
    <p class="muted" data-testid="endpoint-span" title={`${start} – ${end}`}>
      {brief(start_time, zone)} – {brief(end_time, zone)} {end.split(' ').at(-1)}
    </p>
  )
}

function Figures({ metrics }: { metrics: Performance['metrics'] | undefined }) {
  const time = (ms: number | undefined): string => milliseconds(metrics?.total_requests ? ms : undefined)
  const list = [
    ['Requests', count(metrics?.total_requests)],
    ['Error rate', percent(metrics?.total_requests ? metrics.error_rate : undefined)],
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
