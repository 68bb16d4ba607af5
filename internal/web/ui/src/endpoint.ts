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

/** How many single requests a list shows. */
export const shown = 10

/** The most that one page of the API holds. */
const page = 500

/**
 * The slowest requests that are kept singly, slowest first. The API gives the
 * newest first, so it is asked for those above a time that the histogram says
 * few exceed. The histogram reaches further back than single requests do: when
 * too few are left, the time is lowered.
 */
export async function askSlowest(subject: Subject, buckets: readonly Bucket[], aborted: AbortSignal): Promise<Request_[]> {
  const total = buckets.reduce((sum, b) => sum + b.count, 0)
  const times = new Set([slowest(buckets, shown), slowest(buckets, Math.ceil(total / 20)), 0])
  let found: Request_[] = []
  for (const min_ms of times) {
    const answer = await get<Requests>('requests', parameters(subject, { min_ms: String(min_ms), limit: String(page) }), aborted)
    found = answer.requests
    if (found.length >= Math.min(shown, total)) break
  }
  return [...found].sort((a, b) => b.response_time_ms - a.response_time_ms).slice(0, shown)
}

/** The failing requests that are kept singly, newest first. */
export async function askFailing(subject: Subject, aborted: AbortSignal): Promise<Request_[]> {
  const ask = (status: string) => get<Requests>('requests', parameters(subject, { status, limit: String(page) }), aborted)
  const answers = await Promise.all([ask('4xx'), ask('5xx')])
  return answers.flatMap((answer) => answer.requests).sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
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
