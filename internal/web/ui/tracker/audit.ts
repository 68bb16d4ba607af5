import type { Item } from './queue'

const every = 60_000 // milliseconds
const oldest = 3_600_000
const mostSkew = 6 * 24 * oldest

/**
 * Compares what was handed over with what the server has stored of this user in
 * the same span of time, and warns when more than 0.1 % is missing. Another page
 * of the same user only adds to what is stored: it can hide a loss, never make one.
 */
export function createAudit(address: string): (items: Item[]) => void {
  const fetch = window.fetch
  let sent = 0
  let first = Infinity
  let last = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function compare(): Promise<void> {
    const [n, from, to] = [sent, first, last]
    timer = undefined
    sent = last = 0
    first = Infinity
    // After a long sleep the hour may have been summarised, and counts as a whole.
    if (Date.now() - from > oldest) return
    try {
      const time = (at: number) => new Date(at).toISOString()
      const answer = await fetch(`${address}?start_time=${time(from)}&end_time=${time(to + 1)}`, { credentials: 'include' })
      const lost = n - (await answer.json()).count // NaN when there is no count
      // The server stores events of a clock that is days off under its own time.
      const skew = Math.abs(Date.parse(answer.headers.get('date')!) - Date.now())
      if (lost * 1000 > n && !(skew > mostSkew)) console.warn(`appmetrics: ${lost} of ${n} events were not stored`)
    } catch {
      // Nothing can be said at present.
    }
  }

  return (items) => {
    for (const { at } of items) {
      sent++
      first = Math.min(first, at)
      last = Math.max(last, at)
    }
    timer ||= setTimeout(compare, every)
  }
}
