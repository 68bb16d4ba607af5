import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAudit } from './audit'

const now = Date.parse('2026-03-01T12:00:00.000Z')
const items = (n: number, at = now) => Array.from({ length: n }, () => ({ json: '', bytes: 0, at }))

let asked: string[]
let warnings: string[]

function answer(count: unknown, date = new Date(now).toUTCString()) {
  window.fetch = ((address: string) => {
    asked.push(address)
    return Promise.resolve({ headers: new Headers({ date }), json: () => Promise.resolve({ count }) })
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
  settled(items(sent))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  expect(warnings).toEqual(want)
})

it('asks about the time of what was sent, once a minute at most, and of each event once', async () => {
  answer(2)
  const settled = createAudit('/usage/count')
  settled(items(1, now - 5000))
  settled(items(1, now + 1000))
  await vi.advanceTimersByTimeAsync(60_000)
  settled(items(2, now + 60_000))
  await vi.advanceTimersByTimeAsync(600_000)
  expect(asked).toEqual([
    '/usage/count?start_time=2026-03-01T11:59:55.000Z&end_time=2026-03-01T12:00:01.001Z',
    '/usage/count?start_time=2026-03-01T12:01:00.000Z&end_time=2026-03-01T12:01:00.001Z',
  ])
  expect(warnings).toEqual([])
})

it('says nothing about what it cannot compare', async () => {
  answer(0, 'Sun, 01 Feb 2026 12:00:00 GMT') // this clock is weeks ahead
  const settled = createAudit('/usage/count')
  settled(items(5))
  await vi.advanceTimersByTimeAsync(60_000)
  settled(items(5, now - 4_000_000)) // a machine that slept
  await vi.advanceTimersByTimeAsync(60_000)
  window.fetch = () => Promise.reject(new TypeError('offline'))
  createAudit('/usage/count')(items(5))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  expect(warnings).toEqual([])
})
