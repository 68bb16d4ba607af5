// The tracker: one script tag that every page of an observed app carries. It
// records page views, clicks and form submissions, and what the page tells it,
// and is never in the page's way.
import { createAudit } from './audit'
import { complain, safely } from './complain'
import { createDebounce } from './debounce'
import { clicked, cut, elementId } from './element'
import { findTag, readOptions } from './options'
import { createQueue } from './queue'
import { uuid } from './uuid'
import { watchViews } from './views'

/** What the page may say about an event. */
export interface Fields {
  page_name?: string // default: the path
  element_id?: string | undefined
  success?: boolean
  metadata?: Record<string, unknown>
  /** For what happens many times a second: of calls with the same type and element, the last of each 500 ms of rest counts. */
  debounce?: boolean
}

/** window.appmetrics. Nothing here throws. */
export interface Tracker {
  /** Records an event of a built-in or configured type. */
  track(type: string, fields?: Fields): void
  /** Sends all that waits; resolves when each event is stored or given up. */
  flush(): Promise<void>
}

declare global {
  interface Window {
    appmetrics?: Tracker
  }
}

const mostBytes = 15_000

const idle: Tracker = { track() {}, flush: () => Promise.resolve() }

function start(): Tracker {
  const options = readOptions(findTag())
  if (options.isForbidden) return idle

  const queue = createQueue(options.endpoint + '/usage-events', createAudit(options.endpoint + '/usage/count'))
  const resting = createDebounce()

  const track = safely((type: string, fields: Fields = {}) => {
    const now = new Date()
    const json = JSON.stringify({
      id: uuid(),
      event_type: type,
      timestamp: now.toISOString(),
      page_name: cut(String(fields.page_name ?? location.pathname), 255),
      element_id: fields.element_id && cut(String(fields.element_id), 100),
      success: fields.success,
      metadata: fields.metadata,
    })
    const bytes = new Blob([json]).size + 1
    if (bytes > mostBytes) return complain('an event is too large:', type)
    const add = () => queue.add({ json, bytes, at: +now })
    if (fields.debounce) resting.hold(type + ' ' + fields.element_id, add)
    else add()
  })

  const flush = () => {
    resting.wake()
    return queue.flush()
  }
  const on = <E extends Event>(name: string, f: (event: E) => void) =>
    addEventListener(name, safely(f) as EventListener, true)
  const auto = (type: string, element?: Element, debounce = false) => {
    if (!options.excludes(location.pathname)) track(type, { element_id: element && elementId(element), debounce })
  }

  if (options.clicks) {
    on('click', (event) => {
      const element = clicked(event)
      if (element) auto('button_click', element)
    })
  }
  if (options.forms) {
    on('submit', (event) => {
      const [form] = event.composedPath()
      if (form instanceof HTMLFormElement) auto('form_submit', form)
    })
  }
  on('input', (event) => {
    const [field] = event.composedPath()
    const type = field instanceof HTMLElement && field.dataset['trackInput']
    if (typeof type === 'string') auto(type || 'preference_changed', field as Element, true)
  })
  on('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void flush()
  })
  on('pagehide', () => {
    resting.wake()
    queue.leave()
  })

  if (options.views) {
    const begin = safely(() => watchViews(() => auto('page_view')))
    // A page that is only prepared may never be seen.
    if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', begin)
    else begin()
  }
  return { track, flush: safely(flush) as Tracker['flush'] }
}

safely(() => {
  if (window.appmetrics?.flush) return // a page that carries the tag twice is counted once
  window.appmetrics = idle // for the calls of the page, should the next fail
  window.appmetrics = start()
})()
