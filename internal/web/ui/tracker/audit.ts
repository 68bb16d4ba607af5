import type { Item } from './queue'

const every = 60_000 // milliseconds
const mostSkew = 50_000
const oldest = 3_600_000

/**
 * Compares what was handed over with what the server has stored of this user in
 * the same span of time, and warns when more than 0.1 % is missing. Another page
 * of the same user only adds to what is stored: it can hide a loss, never make one.
 *
 * It takes what was handed over, and if an answer said so, the server's date, or
 * null when the server is not to be asked at present.
 */
export function createAudit(address: string): (items: Item[], date?: string | null) => void {
  const fetch = window.fetch
  let skew = NaN
  let next: number[] = []
  let isDue = false

  /** Asks a minute later, so that nothing of it lies ahead for a clock that is nearly right. */
  function arm(): void {
    isDue = next.length > 0
    if (isDue) setTimeout(compare, every, next)
    next = []
  }

  async function compare(times: number[]): Promise<void> {
    arm()
    try {
      const sent = times.length
      const now = Date.now()
      const from = Math.min(...times)
      const to = Math.max(...times) + 1
      // After a long sleep the hour may have been summarised, and counts as a whole.
      if (!(skew < mostSkew) || now - to < mostSkew || now - from > oldest) return
      const time = (at: number) => new Date(at).toISOString()
      const answer = await fetch(`${address}?start_time=${time(from)}&end_time=${time(to)}`, { credentials: 'include' })
      const { count, complete } = await answer.json()
      const lost = sent - count // NaN when there is no count
      if (complete && lost * 1000 > sent) console.warn(`appmetrics: ${lost} of ${sent} events were not stored`)
    } catch {
      // Nothing can be said at present.
    }
  }

  return (items, date) => {
    if (date !== undefined) skew = Math.abs(Date.parse(date!) - Date.now())
    next.push(...items.map((item) => item.at))
    if (!isDue) arm()
  }
}
