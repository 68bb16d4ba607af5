import type { Zone } from './view'

const minute = 60_000
const retention = 90 * 24 * 60 * minute

/** What is wrong with a custom range, in the words for its picker; ends in milliseconds since 1970. */
export function problemOf(start: number, end: number, now: number): string | undefined {
  if (start >= end) return 'Start date must be before end date.'
  if (start >= now || end > now + minute) return 'Cannot select future dates.'
  // A picker knows no seconds: the full 90 days may begin up to a minute early.
  if (Math.min(end, now) - start > retention + minute) return 'Date range cannot exceed 90 days. Please select a shorter range.'
  if (start < now - retention - minute) return 'Data is only available for the last 90 days. Please select a more recent date.'
  return undefined
}

/** The value of a datetime-local input for a time, in minutes of the zone. */
export function toInput(at: Date, zone: Zone): string {
  const shifted = zone === 'utc' ? at : new Date(at.getTime() - at.getTimezoneOffset() * minute)
  return shifted.toISOString().slice(0, 16)
}

/** The time of a datetime-local input; NaN when it is not complete. */
export function fromInput(value: string, zone: Zone): number {
  return value === '' ? NaN : Date.parse(zone === 'utc' ? `${value}Z` : value)
}
