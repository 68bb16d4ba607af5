import { clocksChange, date } from '../format'
import type { Zone } from '../state'

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const steps = [minute, 5 * minute, 15 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day]

/**
 * Round times of the zone inside [from, to], at most `most` of them; all in
 * seconds since 1970. Days begin at midnight of the zone, also where the clock
 * changes between.
 */
export function timeSplits(from: number, to: number, most: number, zone: Zone): number[] {
  const step = steps.find((s) => (to - from) / s <= Math.max(most, 1)) ?? 91 * day
  const splits: number[] = []
  let at = floor(from, step, zone)
  while (at < from) at = next(at, Math.min(step, day), zone)
  for (; at <= to; at = next(at, step, zone)) splits.push(at)
  return splits
}

function floor(at: number, step: number, zone: Zone): number {
  const date = new Date(at * 1000)
  if (step < hour) return Math.floor(at / step) * step
  const hours = zone === 'utc' ? date.getUTCHours() : date.getHours()
  const start = step >= day ? 0 : hours - (hours % (step / hour))
  if (zone === 'utc') date.setUTCHours(start, 0, 0, 0)
  else date.setHours(start, 0, 0, 0)
  return date.getTime() / 1000
}

function next(at: number, step: number, zone: Zone): number {
  if (step < hour || zone === 'utc') return at + step
  const date = new Date(at * 1000)
  if (step >= day) date.setDate(date.getDate() + step / day)
  else date.setHours(date.getHours() + step / hour)
  const then = date.getTime() / 1000
  return then > at ? then : at + step
}

const layouts = {
  time: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short' },
  moment: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const made = new Map<string, Intl.DateTimeFormat>() // formats are slow to make

/** A time, in milliseconds since 1970 or ISO 8601, in one of the layouts. */
function format(layout: keyof typeof layouts, zone: Zone, at: number | string): string {
  const key = `${layout} ${zone}`
  let one = made.get(key)
  if (!one) made.set(key, (one = new Intl.DateTimeFormat('en-GB', { ...layouts[layout], ...(zone === 'utc' && { timeZone: 'UTC' }) })))
  return one.format(new Date(at))
}

/** The time of day, and at midnight the day. */
export function timeLabel(at: number, zone: Zone): string {
  const time = format('time', zone, at * 1000)
  return time === '00:00' ? format('day', zone, at * 1000) : time
}

/** How much time a point covers. Days are days of UTC, whatever the zone of the viewer. */
export type Interval = 'hourly' | 'daily'

export const secondsOf = (interval: Interval): number => (interval === 'daily' ? day : hour)

/** The name of one point: its day, and its time unless it is a whole day. */
export function moment(iso: string, zone: Zone, interval: Interval): string {
  if (interval === 'daily') return `${format('weekday', 'utc', iso)} UTC`
  return format('moment', zone, iso) + offset(iso, zone)
}

/** What tells times apart that come twice, on the day on which clocks change. */
const offset = (iso: string, zone: Zone): string => (clocksChange(new Date(iso), zone) ? ` ${date(iso, zone).split(' ').at(-1)}` : '')

/** A label without the decimals that say nothing, since labels of an axis are round: 50.0 ms is 50 ms. */
export function brief(label: string): string {
  return label.replace(/(\d)\.(\d*?)0+(?=\D|$)/, (_, whole: string, part: string) => (part ? `${whole}.${part}` : whole))
}

/** Day and time of one request, where there is little room. */
export const shortMoment = (iso: string, zone: Zone): string => format('short', zone, iso) + offset(iso, zone)

/** Powers of ten inside [from, to], for a logarithmic axis. */
export function decades(from: number, to: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)]
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => 10 ** (first + i))
}
