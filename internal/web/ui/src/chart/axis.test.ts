import { expect, test } from 'vitest'
import { brief, decades, timeLabel, timeSplits } from './axis'

const seconds = (iso: string): number => Date.parse(iso) / 1000
const iso = (at: number): string => new Date(at * 1000).toISOString().slice(0, 16)

test.each([
  ['a day', '2026-03-17T15:00Z', '2026-03-18T15:00Z', 6, ['2026-03-17T18:00', '2026-03-18T00:00', '2026-03-18T06:00', '2026-03-18T12:00']],
  ['a week', '2026-03-10T15:00Z', '2026-03-17T15:00Z', 7, ['2026-03-11T00:00', '2026-03-12T00:00', '2026-03-13T00:00', '2026-03-14T00:00', '2026-03-15T00:00', '2026-03-16T00:00', '2026-03-17T00:00']],
  ['an hour', '2026-03-10T15:00Z', '2026-03-10T16:00Z', 4, ['2026-03-10T15:00', '2026-03-10T15:15', '2026-03-10T15:30', '2026-03-10T15:45', '2026-03-10T16:00']],
  ['no room', '2026-03-10T15:00Z', '2026-03-17T15:00Z', 0, ['2026-03-11T00:00']],
])('labels of %s stand at round times', (_, from, to, most, want) => {
  const got = timeSplits(seconds(from), seconds(to), most, 'utc')
  expect(got.map(iso).slice(0, want.length)).toEqual(want)
  expect(got.length).toBeLessThanOrEqual(Math.max(most, 1) + 1)
})

test('90 days have few labels', () => {
  expect(timeSplits(seconds('2026-01-01T00:00Z'), seconds('2026-04-01T00:00Z'), 6, 'utc').length).toBeLessThanOrEqual(8)
})

test('midnight is called by its day', () => {
  expect(timeLabel(seconds('2026-03-17T15:00Z'), 'utc')).toBe('15:00')
  expect(timeLabel(seconds('2026-03-18T00:00Z'), 'utc')).toBe('18 Mar')
})

test.each([
  ['50.0 ms', '50 ms'],
  ['1.50 s', '1.5 s'],
  ['0.25 ms', '0.25 ms'],
  ['100 ms', '100 ms'],
  ['1.20k', '1.2k'],
  ['1,000', '1,000'],
  ['10', '10'],
])('%s is labelled %s', (label, want) => {
  expect(brief(label)).toBe(want)
})

test('a logarithmic axis is labelled at powers of ten', () => {
  expect(decades(10, 10_000)).toEqual([10, 100, 1000, 10_000])
  expect(decades(0.01, 0.5)).toEqual([0.01, 0.1])
  expect(decades(20, 90)).toEqual([])
})
