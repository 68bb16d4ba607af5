import { afterEach, expect, test, vi } from 'vitest'
import type { Request_ } from './api'
import { affected, askFailing, askSlowest, shown, type Subject } from './endpoint'
import { defaults } from './view'

const subject: Subject = { view: defaults, name: { method: 'GET', endpoint: '/orders/{id}' } }
const aborted = new AbortController().signal

const request = (ms: number, minute = 0, user?: string): Request_ => ({
  id: `${ms}-${minute}`, timestamp: `2026-03-17T14:${String(minute).padStart(2, '0')}:00Z`, app: 'default', endpoint: '/orders/{id}', method: 'GET',
  status_code: 500, response_time_ms: ms, ...(user ? { user_id: user } : {}),
})

/** Answers by the parameters of the question, a page of 500 at a time, newest first; returns the questions. */
function answering(answer: (parameters: URLSearchParams) => Request_[]): URLSearchParams[] {
  const asked: URLSearchParams[] = []
  vi.stubGlobal('fetch', async (address: string) => {
    const parameters = new URL(address, 'http://localhost').searchParams
    asked.push(parameters)
    const [all, from] = [answer(parameters), Number(parameters.get('cursor') ?? 0)]
    const left = all.slice(from).filter((r) => r.response_time_ms >= Number(parameters.get('min_ms') ?? 0))
    const page = left.slice(0, 500)
    const last = page.at(-1)
    return Response.json({ requests: page, ...(last && left.length > 500 && { next_cursor: String(all.indexOf(last) + 1) }) })
  })
  return asked
}

afterEach(() => void vi.unstubAllGlobals())

test('the slowest requests are asked for by the time that few exceed', async () => {
  const buckets = [{ low_ms: 10, high_ms: 20, count: 990 }, { low_ms: 100, high_ms: 200, count: shown }]
  const asked = answering(() => Array.from({ length: shown }, (_, i) => request(101 + i)))
  const got = await askSlowest(subject, buckets, aborted)
  expect(asked.map((p) => p.get('min_ms'))).toEqual(['100'])
  expect(asked[0]!.get('endpoint')).toBe('/orders/{id}')
  expect(got.requests.map((r) => r.response_time_ms)).toEqual(Array.from({ length: shown }, (_, i) => 100 + shown - i))
})

test('where the slowest are not kept any more, those that are kept are shown', async () => {
  const buckets = [{ low_ms: 10, high_ms: 20, count: 990 }, { low_ms: 100, high_ms: 200, count: shown }]
  const asked = answering((p) => (p.get('min_ms') === '0' ? [request(12), request(19), request(11)] : []))
  const got = await askSlowest(subject, buckets, aborted)
  expect(asked.map((p) => p.get('min_ms'))).toEqual(['100', '10', '0'])
  expect(got.requests.map((r) => r.response_time_ms)).toEqual([19, 12, 11])
})

test('the slowest are found behind any number of newer ones', async () => {
  const kept = Array.from({ length: 3_000 }, (_, i) => request(100 + i / 3_000, 0, `u${i}`)) // the oldest are the slowest
  const asked = answering(() => kept)
  const got = await askSlowest(subject, [{ low_ms: 100, high_ms: 101, count: 3_000 }], aborted)
  expect(got).toEqual({ requests: kept.slice(-shown).reverse(), whole: true })
  expect(asked.length).toBe(6)
})

test('equal times are not asked for without end', async () => {
  const asked = answering(() => Array.from({ length: 50_000 }, () => request(100)))
  const got = await askSlowest(subject, [{ low_ms: 100, high_ms: 101, count: 50_000 }], aborted)
  expect([got.requests.length, got.whole, asked.length]).toEqual([shown, false, 20])
})

test('failing requests are all there, or those since one time', async () => {
  const at = (i: number, user: string): Request_ => ({ ...request(1, 0, user), id: `${user}-${i}`, timestamp: new Date(Date.parse('2026-03-17T14:00:00Z') - i * 1_000).toISOString() })
  const some = (n: number, user: string) => Array.from({ length: n }, (_, i) => at(i, user))
  answering((p) => (p.get('status') === '4xx' ? some(600, 'newer') : some(900, 'older')))
  expect(affected((await askFailing(subject, aborted)).requests)).toEqual([{ user: 'older', count: 900 }, { user: 'newer', count: 600 }])
  answering((p) => (p.get('status') === '4xx' ? some(20_000, 'often') : [at(9_999, 'soon'), at(10_000, 'late')]))
  const got = await askFailing(subject, aborted)
  expect([got.whole, affected(got.requests)]).toEqual([false, [{ user: 'often', count: 10_000 }, { user: 'soon', count: 1 }]])
})

test('failing requests of both kinds come newest first', async () => {
  answering((p) => (p.get('status') === '4xx' ? [request(1, 3), request(2, 1)] : [request(3, 2)]))
  expect((await askFailing(subject, aborted)).requests.map((r) => r.response_time_ms)).toEqual([1, 3, 2])
})

test('people are counted, and those without name together', () => {
  expect(affected([request(1, 0, 'ada'), request(1), request(1, 1, 'ada'), request(1, 2), request(1, 3)])).toEqual([
    { user: undefined, count: 3 },
    { user: 'ada', count: 2 },
  ])
})
