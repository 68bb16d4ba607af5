import type { Point, TimeSeries } from './api'
import { moment } from './chart/axis'
import { count, milliseconds, percent } from './format'
import type { Zone } from './state'

// What the charts show, in words, for those who cannot see them.

export function responseTimesWords({ data_points, interval }: TimeSeries, zone: Zone): string {
  const points = data_points.filter((p) => typeof p.p95_response_time_ms === 'number')
  if (points.length === 0) return 'No requests.'
  const of = (p: Point): number => p.p95_response_time_ms!
  const [low, high] = ends(points, of)
  const slowest = ends(points, (p) => p.p99_response_time_ms ?? 0)[1]
  return `p50, p95 and p99 of response times at ${count(data_points.length)} points. p95 lies between ${milliseconds(of(low))} and ${milliseconds(of(high))}, highest on ${moment(high.timestamp, zone, interval)}. p99 reaches ${milliseconds(slowest.p99_response_time_ms)}.${gaps(data_points.length - points.length)}`
}

export function trafficWords({ data_points, interval }: TimeSeries, zone: Zone): string {
  const of = (p: Point): number => p.total_requests ?? 0
  const total = data_points.reduce((sum, p) => sum + of(p), 0)
  if (total === 0) return 'No requests.'
  const failed = data_points.reduce((sum, p) => sum + (p.error_count ?? 0), 0)
  const high = ends(data_points, of)[1]
  return `${requestsWords(total)}, of which ${count(failed)} failed (${percent(failed / total)}). Most at once on ${moment(high.timestamp, zone, interval)}: ${requestsWords(of(high))}.`
}

export function usageWords({ data_points, interval }: TimeSeries, zone: Zone): string {
  const of = (p: Point): number => p.total_events ?? 0
  const total = data_points.reduce((sum, p) => sum + of(p), 0)
  if (total === 0) return 'No events.'
  const high = ends(data_points, of)[1]
  const users = ends(data_points, (p) => p.unique_users ?? 0)[1]
  return `${count(total)} events. Most at once on ${moment(high.timestamp, zone, interval)}: ${count(of(high))}. At most ${count(users.unique_users)} users at once.`
}

const requestsWords = (n: number): string => `${count(n)} ${n === 1 ? 'request' : 'requests'}`

const gaps = (n: number): string => (n === 0 ? '' : ` At ${count(n)} of them there were no requests.`)

/** The points with the lowest and the highest value. */
function ends(points: readonly Point[], of: (p: Point) => number): [Point, Point] {
  return [points.reduce((a, b) => (of(b) < of(a) ? b : a)), points.reduce((a, b) => (of(b) > of(a) ? b : a))]
}
