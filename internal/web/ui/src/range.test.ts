import { expect, test } from 'vitest'
import { fromInput, problemOf, toInput } from './range'

const now = Date.parse('2026-11-22T20:00:30Z')
const ago = (days: number, minutes = 0) => now - days * 86_400_000 - minutes * 60_000

const [long, old, future, order] = [
  'Date range cannot exceed 90 days. Please select a shorter range.',
  'Data is only available for the last 90 days. Please select a more recent date.',
  'Cannot select future dates.',
  'Start date must be before end date.',
]

test.each([
  ['a day', ago(1), ago(0), undefined],
  ['all there is', ago(90), ago(0), undefined],
  ['all there is, to the minute before', ago(90, 0.5), ago(0, -0.5), undefined],
  ['too long', ago(91), ago(0), long],
  ['too long and too old', ago(200), ago(100), long],
  ['too old', ago(91), ago(2), old],
  ['wholly too old', ago(120), ago(100), old],
  ['ends in the future', ago(1), ago(0, -2), future],
  ['begins in the future', ago(-1), ago(-2), future],
  ['begins now', now, now + 30_000, future],
  ['upside down', ago(1), ago(2), order],
  ['empty', ago(1), ago(1), order],
  ['upside down in the future', ago(-2), ago(-1), order],
])('%s', (_, start, end, want) => {
  expect(problemOf(start, end, now)).toBe(want)
})

test.each(['utc', 'local'] as const)('an input shows and reads minutes of the zone: %s', (zone) => {
  const at = new Date('2026-07-01T10:30:00Z')
  expect(fromInput(toInput(at, zone), zone)).toBe(at.getTime())
  expect(fromInput('', zone)).toBeNaN()
})

test('an input in UTC holds the time of the view', () => {
  expect(toInput(new Date('2026-07-01T10:30:59Z'), 'utc')).toBe('2026-07-01T10:30')
})
