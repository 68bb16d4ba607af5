import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAudit } from './audit'

const now = Date.parse('2026-03-01T12:00:00.000Z')
const items = (n: number, at = Date.now()) => Array.from({ length: n }, () => ({ json: '', bytes: 0, at }))
const clock = (ahead = 0) => new Date(Date.now() - ahead).toUTCString()

let asked: string[]
let warnings: string[]

function answer(count: unknown, complete = true) {
  window.fetch = ((address: string) => {
    asked.push(address)
    return Promise.resolve({ json: () => Promise.resolve({ count, complete }) })
  }) as unknown as typeof fetch
}

beforeEach(() => {
  vi.useFakeTimers({ now })
  asked = []
  warnings = []
  vi.spyOn(console, 'warn').mockImplementation((text) => void warnings.push(String(text)))
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it.each([
  [1000, 1000, []],
  [1000, 1005, []], // another tab
  [1000, 999, []], // 0.1 %
  [1000, 998, ['appmetrics: 2 of 1000 events were not stored']],
  [20, 0, ['appmetrics: 20 of 20 events were not stored']],
  [20, undefined, []], // an error
])('compares %i sent with %s stored', async (sent, stored, want) => {
  answer(stored)
  const settled = createAudit('/usage/count')
  settled(items(sent), clock())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  expect(warnings).toEqual(want)
})

it('says nothing while some of it waits for the database', async () => {
  answer(0, false)
  createAudit('/usage/count')(items(20), clock())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  expect(warnings).toEqual([])
})

it('asks about the time of what was sent, once a minute at most, of each event once, and of none younger than a minute', async () => {
  answer(3)
  const settled = createAudit('/usage/count')
  settled([...items(1, now - 5000), ...items(2, now - 1)], clock())
  await vi.advanceTimersByTimeAsync(1000)
  settled(items(1), clock())
  await vi.advanceTimersByTimeAsync(58_000)
  settled(items(2), clock())
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual(['/usage/count?start_time=2026-03-01T11:59:55.000Z&end_time=2026-03-01T12:00:00.000Z'])
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked.slice(1)).toEqual(['/usage/count?start_time=2026-03-01T12:00:01.000Z&end_time=2026-03-01T12:00:59.001Z'])
  expect(warnings).toEqual([])
})

it.each([
  ['is right', 0, 1],
  ['is ahead by little', 40_000, 1],
  ['is behind by little', -40_000, 1],
  ['is ahead', 60_000, 0],
  ['is far ahead', 30 * 86_400_000, 0],
  ['is behind', -60_000, 0],
  ['is far behind', -100 * 86_400_000, 0],
])('asks about times that the server knows only: of a clock that %s', async (_, ahead, questions) => {
  answer(1)
  createAudit('/usage/count')(items(1), clock(ahead))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(questions)
})

it.each([
  ['beacons, whose answers nobody sees', undefined],
  ['a server whose time may not be read', null],
])('does not ask after %s', async (_, date) => {
  answer(0)
  createAudit('/usage/count')(items(5), date)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
})

it('does not ask a server that is away, or that refuses', async () => {
  answer(0)
  const settled = createAudit('/usage/count')
  settled(items(5), clock())
  settled([], null)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
  settled(items(5), clock())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
})

it.each([
  ['put back', -3_600_000],
  ['put forward, or slept', 4_000_000],
])('says nothing by a clock that was %s', async (_, by) => {
  answer(0)
  createAudit('/usage/count')(items(5), clock())
  vi.setSystemTime(now + by)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
})

it('says nothing when the question fails', async () => {
  window.fetch = () => Promise.reject(new TypeError('offline'))
  createAudit('/usage/count')(items(5), clock())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(warnings).toEqual([])
})
