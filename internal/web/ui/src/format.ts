import type { Zone } from './state'

// Values as people read them. The rules are those of the Go package
// internal/text, so that dashboard and report say the same of a value;
// format.test.ts holds both against the same examples.

/** Stands where there is nothing to show: no data, nothing to compare with. */
export const none = '–'

export type Figure = number | null | undefined

/** A count, exact: 15,234. */
export const count = (n: Figure): string => (known(n) ? comma(n) : none)

/** A count in three significant digits, for places with no room for the exact one: 999, 15.2k, 1.20M. */
export function compact(n: Figure): string {
  if (!known(n)) return none
  if (Math.abs(n) < 1000) return String(n)
  const units = ['', 'k', 'M', 'G', 'T', 'P', 'E']
  let value = round3(n)
  let unit = 0
  for (; Math.abs(value) >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return digits3(value) + units[unit]
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Milliseconds in three significant digits and the unit that suits them: 0.42 ms, 98.5 ms, 1.24 s, 12.5 min, 26.0 h. */
export function milliseconds(ms: Figure): string {
  if (!known(ms) || ms < 0) return none
  if (ms === 0) return '0 ms'
  if (ms < 0.005) return '<0.01 ms'
  // Two of a larger unit are needed before it takes over: 90 s says more than
  // 1.50 min. Rounding comes first, so that 999.9 ms reads 1.00 s.
  const rounded = round3(ms)
  if (rounded < second) return `${digits3(rounded)} ms`
  if (rounded < 2 * minute) return `${digits3(round3(ms / second))} s`
  if (rounded < 2 * hour) return `${digits3(round3(ms / minute))} min`
  return `${digits3(round3(ms / hour))} h`
}

/**
 * A ratio of 0 to 1 as a percentage in three significant digits: 0%, 0.23%,
 * 12.5%, 100%. A ratio that is not nought never reads 0%, and one below 1 never
 * reads 100%.
 */
export function percent(ratio: Figure): string {
  if (!known(ratio)) return none
  const percentage = ratio * 100
  if (percentage === 0) return '0%'
  if (percentage === 100) return '100%'
  if (Math.abs(percentage) < 0.005) return '<0.01%'
  if (percentage < 100 && round3(percentage) >= 100) return '>99.9%'
  return `${digits3(round3(percentage))}%`
}

/**
 * By how much now differs from before, relative to before: +12.5%, -3.1%, 0%.
 * Growth from nought, which has no ratio, is "new".
 */
export function change(now: Figure, before: Figure): string {
  if (!known(now) || !known(before)) return none
  if (before === 0) return now === 0 ? '0%' : 'new'
  const ratio = (now - before) / Math.abs(before)
  if (!Number.isFinite(ratio)) return 'new'
  const percentage = Math.abs(ratio * 100)
  if (percentage < 0.05) return '0%'
  // 100-fold and more: the exact percentage no longer helps anybody.
  if (percentage >= 9995) return '>+9,999%'
  return sign(ratio) + (percentage >= 99.95 ? comma(Math.round(percentage)) : percentage.toFixed(1)) + '%'
}

/** By how many percentage points one ratio differs from another: +1.25 pp. */
export function points(now: Figure, before: Figure): string {
  if (!known(now) || !known(before)) return none
  const difference = (now - before) * 100
  if (Math.abs(difference) < 0.005) return '0 pp'
  return `${sign(difference)}${digits3(round3(Math.abs(difference)))} pp`
}

/** The name of a zone: UTC, or the viewer's by its place, such as Europe/Berlin. */
export const zoneName = (zone: Zone): string => (zone === 'utc' ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone)

/**
 * A time in a zone, to the minute, as the report writes it: 2025-10-18 17:40.
 * For places that name the zone themselves. On a day on which the clocks change
 * it has the offset, since some of its times come twice: 2025-10-26 02:40 CET.
 */
export function stamp(at: string | Date, zone: Zone): string {
  const time = new Date(at)
  return clocksChange(time, zone) ? date(time, zone) : minutes(time, zone)
}

/** A time with its zone: 2025-10-18 17:40 CEST, 2025-10-18 15:40 UTC. */
export function date(at: string | Date, zone: Zone): string {
  const parts = partsOf(at, zone)
  return parts ? `${minutes(new Date(at), zone)} ${parts['timeZoneName']?.replace('GMT', 'UTC')}` : none
}

/** True on a day that begins with another offset than the one after. */
export function clocksChange(at: Date, zone: Zone): boolean {
  if (zone === 'utc') return false
  const [y, m, d] = [at.getFullYear(), at.getMonth(), at.getDate()]
  const [here, next] = [new Date(y, m, d), new Date(y, m, d + 1)].map((day) => day.getTimezoneOffset())
  return here !== next && !Number.isNaN(here)
}

/** The digits of a time; tables have thousands of them, and Intl is slow. */
function minutes(at: Date, zone: Zone): string {
  if (Number.isNaN(at.getTime())) return none
  // Local digits are those that UTC has when it is as far on.
  const shown = zone === 'utc' ? at : new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return shown.toISOString().slice(0, 16).replace('T', ' ')
}

/** A time in a zone without its year, for places with no room that name the zone themselves: 18 Oct 17:40. */
export function brief(at: string | Date, zone: Zone): string {
  const parts = partsOf(at, zone)
  return parts ? `${parts['day']} ${months[Number(parts['month']) - 1]} ${parts['hour']}:${parts['minute']}` : none
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function partsOf(at: string | Date, zone: Zone): Record<string, string> | undefined {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return undefined
  return Object.fromEntries(formats[zone].formatToParts(time).map((part) => [part.type, part.value]))
}

const layout = {
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
} as const
const formats: Record<Zone, Intl.DateTimeFormat> = {
  local: new Intl.DateTimeFormat('en-GB', layout),
  utc: new Intl.DateTimeFormat('en-GB', { ...layout, timeZone: 'UTC' }),
}

const known = (n: Figure): n is number => typeof n === 'number' && Number.isFinite(n)

const sign = (x: number): string => (x < 0 ? '-' : '+')

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }) // slow to make

const comma = (n: number): string => whole.format(n)

/** Rounds half away from nought, as Go does. */
const round = (x: number): number => Math.sign(x) * Math.round(Math.abs(x))

/** Rounds to three significant digits, at most two of them decimals. */
function round3(x: number): number {
  const size = Math.abs(x)
  if (size < 9.995) return round(x * 100) / 100
  if (size < 99.95) return round(x * 10) / 10
  if (size < 999.5) return round(x)
  const scale = 10 ** (Math.floor(Math.log10(size)) - 2)
  return round(x / scale) * scale
}

/** Writes what round3 returned, always with the same number of digits, so that a column of them does not dance. */
function digits3(x: number): string {
  const size = Math.abs(x)
  if (size < 9.995) return x.toFixed(2)
  if (size < 99.95) return x.toFixed(1)
  return size < 999.5 ? x.toFixed(0) : comma(round(x))
}
