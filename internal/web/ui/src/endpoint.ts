import { get, intervalOf, parametersOf, type Errors, type Performance, type Request_, type Requests, type TimeSeries } from './api'
import { slowest, type Bucket } from './chart/histogram'
import type { View } from './state'

// The questions of one endpoint's own view.

export interface Name {
  method: string
  endpoint: string
}

/** The endpoint, and the view that it is asked in. */
export interface Subject {
  view: View
  name: Name
}

function parameters({ view, name }: Subject, more: Record<string, string> = {}): URLSearchParams {
  const all = parametersOf(view)
  for (const [key, value] of Object.entries({ ...name, ...more })) all.set(key, value)
  return all
}

export const askFigures = (subject: Subject, aborted: AbortSignal): Promise<Performance> =>
  get('performance', parameters(subject, subject.view.anonymous ? { include_anonymous: 'true' } : {}), aborted)

export const askCourse = (subject: Subject, aborted: AbortSignal): Promise<TimeSeries> =>
  get('time-series', parameters(subject, { metric_type: 'performance', interval: intervalOf(subject.view.range) }), aborted)

export const askErrors = (subject: Subject, aborted: AbortSignal): Promise<Errors> => get('errors', parameters(subject), aborted)

/** How many of the slowest requests are shown. */
export const shown = 10

/** Single requests, and whether none was left out because there are too many. */
export interface Found {
  requests: Request_[]
  whole: boolean
}

/** The most that one page of the API holds, and the most pages that are looked at. */
const page = 500
const mostPages = 20

/**
 * Reads requests page by page, newest first. What is looked for may become
 * narrower with what a page holds: `next` gives the parameters of the one after.
 */
async function read(subject: Subject, first: Record<string, string>, aborted: AbortSignal, next: (page: Request_[]) => Record<string, string>): Promise<boolean> {
  let asked = first
  let cursor: string | undefined
  for (let i = 0; i < mostPages; i++) {
    const more = { ...asked, limit: String(page), ...(cursor !== undefined && { cursor }) }
    const answer = await get<Requests>('requests', parameters(subject, more), aborted)
    asked = next(answer.requests)
    cursor = answer.next_cursor
    if (cursor === undefined) return true
  }
  return false
}

/**
 * The slowest requests that are kept singly, slowest first. The API gives the
 * newest first, so it is asked for those above a time that the histogram says
 * few exceed, and from then on for those that are slower than what was found.
 * The histogram reaches further back than single requests do: when too few are
 * left, the time is lowered.
 */
export async function askSlowest(subject: Subject, buckets: readonly Bucket[], aborted: AbortSignal): Promise<Found> {
  const total = buckets.reduce((sum, b) => sum + b.count, 0)
  const times = new Set([slowest(buckets, shown), slowest(buckets, Math.ceil(total / 20)), 0])
  let found: Found = { requests: [], whole: true }
  for (const least of times) {
    let requests: Request_[] = []
    const whole = await read(subject, { min_ms: String(least) }, aborted, (more) => {
      requests = [...requests, ...more].sort((a, b) => b.response_time_ms - a.response_time_ms).slice(0, shown)
      return { min_ms: String(requests[shown - 1]?.response_time_ms ?? least) }
    })
    found = { requests, whole }
    if (requests.length >= Math.min(shown, total)) break
  }
  return found
}

/** The failing requests that are kept singly, newest first; when there are too many, all since the same time. */
export async function askFailing(subject: Subject, aborted: AbortSignal): Promise<Found> {
  const ask = async (status: string): Promise<Found> => {
    const requests: Request_[] = []
    const whole = await read(subject, { status }, aborted, (more) => {
      requests.push(...more)
      return { status }
    })
    return { requests, whole }
  }
  const answers = await Promise.all([ask('4xx'), ask('5xx')])
  const time = (r: Request_): number => Date.parse(r.timestamp)
  const since = Math.max(0, ...answers.flatMap(({ requests, whole }) => (whole ? [] : requests.slice(-1).map(time))))
  const requests = answers.flatMap((answer) => answer.requests).filter((r) => time(r) >= since)
  return { requests: requests.sort((a, b) => time(b) - time(a)), whole: answers.every(({ whole }) => whole) }
}

/** Somebody whose requests failed; without name: all who were not signed in. */
export interface Affected {
  user: string | undefined
  count: number
}

/** Who was affected by failing requests, most often first. */
export function affected(failing: readonly Request_[]): Affected[] {
  const counts = new Map<string | undefined, number>()
  for (const { user_id } of failing) counts.set(user_id, (counts.get(user_id) ?? 0) + 1)
  return [...counts].map(([user, count]) => ({ user, count })).sort((a, b) => b.count - a.count)
}
