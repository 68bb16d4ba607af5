import { complain } from './complain'

/** An event that waits to be sent. */
export interface Item {
  json: string
  bytes: number
  at: number // milliseconds since 1970, by the visitor's clock
}

/** Events that are sent together, and again together. */
interface Batch {
  items: Item[]
  tries: number
  outlives?: boolean // whether what is under way goes on without the page
  retry?: ReturnType<typeof setTimeout> | undefined // while it waits to be tried again
}

export interface Queue {
  /** Takes an event; it is sent with others, soon. */
  add(item: Item): void
  /** Sends all at once. Resolves, always, when each event is stored or given up. */
  flush(): Promise<void>
  /** Hands to the browser what is not on its way, since the page goes away. */
  leave(): void
}

const mostHeld = 500
const enough = 20
const longest = 10_000 // milliseconds
const pauses = [1000, 2000]
const patience = 30_000 // for an answer, and for a pause that the server asks for

// Browsers allow 64 KiB in flight for all that outlives its page, beacons included.
const mostInFlight = 60_000
const mostInBeacon = 15_000

/**
 * Posts events to the address. What the server has stored, what a beacon took,
 * and what was given up is told to settled, with the date of an answer that says
 * that it was stored, and with null when another batch would fare no better.
 */
export function createQueue(address: string, settled: (items: Item[], date?: string | null) => void): Queue {
  // As they are now: what the page makes of them later must not be tracked by itself.
  const fetch = window.fetch
  const canOutlive = 'keepalive' in Request.prototype
  let waiting: Item[] = []
  let held = 0
  let inFlight = 0
  let isFull = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let flushed: (() => void)[] = []
  const open = new Set<Batch>()

  function take(most: number): Item[] {
    let n = 0
    for (const item of waiting) {
      if ((most -= item.bytes) < 0) break
      n++
    }
    return waiting.splice(0, n)
  }

  /** Sends what waits. While an answer is due, only what hurries is sent besides. */
  function send(hurries?: boolean): void {
    clearTimeout(timer)
    timer = undefined
    if ((hurries || !inFlight) && !(document as { prerendering?: boolean }).prerendering) {
      const items = take(mostInFlight - inFlight)
      if (items.length) {
        const batch = { items, tries: 0 }
        open.add(batch)
        void attempt(batch)
      }
    }
    if (waiting.length) timer = setTimeout(send, longest)
  }

  async function attempt(batch: Batch): Promise<void> {
    if (!open.has(batch)) return // taken or given up, before it was its turn again
    const { items } = batch
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
    batch.retry = undefined
    inFlight += bytes
    // What failed may have been too much for the browser, whose count is its own.
    batch.outlives = canOutlive && !batch.tries && inFlight <= mostInFlight
    let status = 0 // of no answer
    let reason: unknown
    let refused = -1
    let date: string | null = null
    let asked = 0 // pause, in milliseconds
    try {
      const answer = await fetch(address, {
        method: 'POST',
        body: body(items), // text/plain: no preflight from other origins
        credentials: 'include',
        keepalive: batch.outlives,
        signal: AbortSignal.timeout?.(patience),
      })
      reason = status = answer.status
      date = answer.headers.get('date')
      asked = Number(answer.headers.get('retry-after')) * 1000 || 0
      const text = await answer.text() // to its end: until then browsers count it as in flight
      if (status === 400) {
        const failure = JSON.parse(text)
        refused = failure.details.index
        reason = failure.message
      }
    } catch (error) {
      reason ||= error
    }
    inFlight -= bytes
    if (!open.has(batch)) return proceed() // a beacon took it meanwhile
    if (status === 202) return settle(batch, date)
    if (items[refused]) {
      // The server takes all or nothing; the others need not suffer for one.
      complain('event refused:', reason)
      release(items.splice(refused, 1))
      return items.length ? attempt(batch) : settle(batch)
    }
    if (status === 401 || status === 403) return fallSilent(status)
    const isPassing = !status || status === 408 || status === 429 || status >= 500
    const pause = isPassing && asked <= patience && pauses[batch.tries++]
    if (pause) {
      batch.retry = setTimeout(attempt, Math.max(pause, asked), batch)
      proceed()
    } else {
      complain(`events dropped: ${items.length} (${reason})`)
      settle(batch, null)
    }
  }

  /** Gives up for good: who this visitor is changes with the next page, if ever. */
  function fallSilent(status: number): void {
    complain(`events dropped: all of this page (${status})`)
    isFull = true
    held = Infinity
    open.clear()
    waiting = []
    settled(waiting, null)
    proceed()
  }

  function settle(batch: Batch, date?: string | null): void {
    open.delete(batch)
    release(batch.items, date)
    proceed()
  }

  function release(items: Item[], date?: string | null): void {
    held -= items.length
    settled(items, date)
  }

  /** Goes on after an answer made room. */
  function proceed(): void {
    if (flushed.length || waiting.length >= enough) send(flushed.length > 0)
    if (!waiting.length && !open.size) for (const resolve of flushed.splice(0)) resolve()
  }

  function beacon(items: Item[]): boolean {
    try {
      return navigator.sendBeacon(address, body(items))
    } catch {
      return false
    }
  }

  return {
    add(item) {
      if (held >= mostHeld) {
        if (!isFull) complain(`${mostHeld} events wait; more are dropped`)
        isFull = true
        return settled([item])
      }
      held++
      waiting.push(item)
      if (waiting.length >= enough) send()
      else timer ||= setTimeout(send, longest)
    },

    flush() {
      for (const batch of open) {
        if (batch.retry) {
          clearTimeout(batch.retry)
          void attempt(batch)
        }
      }
      send(true)
      return new Promise((resolve) => {
        flushed.push(resolve)
        proceed()
      })
    },

    leave() {
      for (const batch of open) {
        if (batch.outlives && !batch.retry) continue
        open.delete(batch)
        waiting.unshift(...batch.items)
      }
      while (waiting.length) {
        const items = take(mostInBeacon)
        if (!beacon(items)) {
          waiting.unshift(...items)
          return send(true)
        }
        release(items)
      }
      proceed()
    },
  }
}

function body(items: Item[]): string {
  return `{"events":[${items.map((item) => item.json).join()}]}`
}
