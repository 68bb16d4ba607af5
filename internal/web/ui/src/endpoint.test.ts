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

/** Answers by the parameters of the question; returns the questions. */
function answering(answer: (parameters: URLSearchParams) => Request_[]): URLSearchParams[] {
  const asked: URLSearchParams[] = []
  vi.stubGlobal('fetch', async (address: string) => {
    const parameters = new URL(address, 'http://localhost').searchParams
    asked.push(parameters)
    return new Response(JSON.stringify({ requests: answer(parameters) }))
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
  expect(got.map((r) => r.response_time_ms)).toEqual(Array.from({ length: shown }, (_, i) => 100 + shown - i))
})

test('where the slowest are not kept any more, those that are kept are shown', async () => {
  const buckets = [{ low_ms: 10, high_ms: 20, count: 990 }, { low_ms: 100, high_ms: 200, count: shown }]
  const asked = answering((p) => (p.get('min_ms') === '0' ? [request(12), request(19), request(11)] : []))
  const got = await askSlowest(subject, buckets, aborted)
  expect(asked.map((p) => p.get('min_ms'))).toEqual(['100', '10', '0'])
  expect(got.map((r) => r.response_time_ms)).toEqual([19, 12, 11])
})

test('failing requests of both kinds come newest first', async () => {
  answering((p) => (p.get('status') === '4xx' ? [request(1, 3), request(2, 1)] : [request(3, 2)]))
  expect((await askFailing(subject, aborted)).map((r) => r.response_time_ms)).toEqual([1, 3, 2])
})

test('people are counted, and those without name together', () => {
  expect(affected([request(1, 0, 'ada'), request(1), request(1, 1, 'ada'), request(1, 2), request(1, 3)])).toEqual([
    { user: undefined, count: 3 },
    { user: 'ada', count: 2 },
  ])
})
