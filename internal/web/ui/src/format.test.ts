import { afterEach, expect, test, vi } from 'vitest'
import examples from '../../../text/testdata/examples.json'
import * as format from './format'

type Pair = [number | null, number | null]

test.each(examples.count)('count $in', ({ in: n, want }) => expect(format.count(n)).toBe(want))
test.each(examples.compact)('compact $in', ({ in: n, want }) => expect(format.compact(n)).toBe(want))
test.each(examples.duration)('$in milliseconds', ({ in: ms, want }) => expect(format.milliseconds(ms)).toBe(want))
test.each(examples.percent)('ratio $in', ({ in: ratio, want }) => expect(format.percent(ratio)).toBe(want))
test.each(examples.change)('change $in', ({ in: pair, want }) => expect(format.change(...(pair as Pair))).toBe(want))
test.each(examples.points)('points $in', ({ in: pair, want }) => expect(format.points(...(pair as Pair))).toBe(want))

test.each([NaN, Infinity, -Infinity, null, undefined])('%s is nothing to show', (value) => {
  const all = [format.count, format.compact, format.milliseconds, format.percent]
  expect(all.map((show) => show(value))).toEqual(all.map(() => '–'))
  expect([format.change(value, 1), format.change(1, value), format.points(value, 1)]).toEqual(['–', '–', '–'])
})

test.each([
  ['2025-10-18T15:40:02Z', '2025-10-18 15:40'],
  ['2025-10-18T00:00:00.123456789Z', '2025-10-18 00:00'],
  ['2025-10-18T01:30:00+02:00', '2025-10-17 23:30'],
])('%s in UTC', (at, want) => {
  expect(format.stamp(at, 'utc')).toBe(want)
  expect(format.date(at, 'utc')).toBe(`${want} UTC`)
})

test('a time that is none is nothing to show', () => {
  expect([format.date('soon', 'utc'), format.stamp('', 'local'), format.brief('soon', 'utc')]).toEqual(['–', '–', '–'])
})

test('the viewer sees her own zone, by its name', async () => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  vi.resetModules()
  const berlin = await import('./format')
  expect(berlin.zoneName('local')).toBe('Europe/Berlin')
  expect(berlin.zoneName('utc')).toBe('UTC')
  expect(berlin.date('2025-10-18T15:40:02Z', 'local')).toBe('2025-10-18 17:40 CEST')
  expect(berlin.date('2025-12-18T15:40:02Z', 'local')).toBe('2025-12-18 16:40 CET')
  expect([berlin.brief('2025-12-31T23:40:02Z', 'local'), berlin.brief('2025-12-31T23:40:02Z', 'utc')]).toEqual(['01 Jan 00:40', '31 Dec 23:40'])
})

test('times that come twice on the day on which clocks change can be told apart', async () => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  vi.resetModules()
  const berlin = await import('./format')
  const hours = ['2026-10-24T21:00Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T23:00Z']
  expect(hours.map((at) => berlin.stamp(at, 'local'))).toEqual(['2026-10-24 23:00', '2026-10-25 02:00 CEST', '2026-10-25 02:00 CET', '2026-10-26 00:00'])
  expect(berlin.stamp('2026-10-25T01:00Z', 'utc')).toBe('2026-10-25 01:00')
  const { moment } = await import('./chart/axis')
  expect(hours.slice(1, 3).map((at) => moment(at, 'local', 'hourly'))).toEqual(['Sun 25 Oct, 02:00 CEST', 'Sun 25 Oct, 02:00 CET'])
})

test('a zone without letters is named by its distance from UTC', async () => {
  vi.stubEnv('TZ', 'Asia/Kathmandu')
  vi.resetModules()
  const kathmandu = await import('./format')
  expect(kathmandu.date('2025-10-18T15:40:02Z', 'local')).toBe('2025-10-18 21:25 UTC+5:45')
})

afterEach(() => {
  vi.unstubAllEnvs()
})
