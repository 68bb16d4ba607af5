import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { errors, get, intervalOf, load, loading, parametersOf, performance_, refresh, retry, status, usage } from './api'
import { apply, choose, draft, loaded } from './state'
import { defaults } from './view'

let answer: (url: string, init: RequestInit) => Promise<Response>
const asked: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
  answer = async () => Response.json({})
  loaded.value = draft.value = defaults
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push(url)
    return answer(url, init)
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const error = (code: number, message: string, details = {}) =>
  Response.json({ error: 'x', message, status_code: code, correlation_id: 'c-1', details }, { status: code })

/** A server that never answers, and lets go when it is told to. */
const hang = (_: string, init: RequestInit) =>
  new Promise<Response>((_, reject) => init.signal!.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError'))))

test.each([
  ['401', error(401, 'A valid access token is required', { hint: 'switch it on' }), { kind: 'unauthenticated', message: 'A valid access token is required', hint: 'switch it on', correlationId: 'c-1' }],
  ['403', error(403, 'Administrator privileges required to access metrics'), { kind: 'forbidden', message: 'Administrator privileges required to access metrics', correlationId: 'c-1' }],
  ['503 of the workspace', error(503, 'Unable to verify admin privileges'), { kind: 'unverifiable', message: 'Unable to verify admin privileges', correlationId: 'c-1' }],
  ['503 of the database', error(503, 'Data temporarily unavailable'), { kind: 'unavailable', message: 'Data temporarily unavailable', correlationId: 'c-1' }],
  ['400', error(400, 'Cannot query future dates'), { kind: 'invalid', message: 'Cannot query future dates', correlationId: 'c-1' }],
  ['502 of a proxy', new Response('<html>', { status: 502 }), { kind: 'unavailable', message: 'Data temporarily unavailable' }],
  ['401 of a proxy', new Response('', { status: 401 }), { kind: 'unauthenticated', message: 'A valid access token is required' }],
  ['a page to sign in', new Response('<html>'), { kind: 'network', message: 'Something else than appmetrics answered', hint: 'Reload the page: you may have to sign in again' }],
])('%s is a failure of its kind', async (_, response, want) => {
  answer = async () => response
  await expect(get('usage', new URLSearchParams())).rejects.toEqual(want)
})

test('a server that cannot be reached', async () => {
  answer = () => Promise.reject(new TypeError('Failed to fetch'))
  await expect(get('usage', new URLSearchParams())).rejects.toEqual({ kind: 'network', message: 'The server cannot be reached' })
})

test('no answer within 10 seconds', async () => {
  answer = hang
  const failed = expect(get('usage', new URLSearchParams())).rejects.toEqual({ kind: 'unavailable', message: 'Data temporarily unavailable' })
  await vi.advanceTimersByTimeAsync(10_000)
  await failed
})

test('a load asks every question once, with what the view says', async () => {
  loaded.value = { ...defaults, app: 'shop', range: { name: '30d' }, anonymous: true }
  const done = load()
  expect([loading.value, performance_.value.state]).toEqual([true, 'loading'])
  await done
  expect(asked).toEqual([
    '/api/v1/metrics/performance?app=shop&time_range=30d&include_anonymous=true&compare=previous',
    '/api/v1/metrics/usage?app=shop&time_range=30d&include_anonymous=true&compare=previous',
    '/api/v1/metrics/time-series?app=shop&time_range=30d&metric_type=both&interval=daily',
    '/api/v1/metrics/errors?app=shop&time_range=30d',
    '/api/v1/metrics/status?',
  ])
  expect([loading.value, performance_.value.state]).toEqual([false, 'done'])
})

test('a later load supersedes an earlier one', async () => {
  answer = hang
  const first = load()
  answer = async (url) => Response.json({ url })
  loaded.value = { ...defaults, range: { name: '7d' } }
  await Promise.all([first, load()])
  expect(usage.value).toMatchObject({ state: 'done', value: { url: expect.stringContaining('time_range=7d') } })
  expect(loading.value).toBe(false)
})

test('a refresh that is superseded ends as what supersedes it', async () => {
  answer = hang
  const refreshed = refresh()
  answer = async () => Response.json({ ok: true })
  loaded.value = { ...defaults, range: { name: '7d' } }
  void load()
  expect(await refreshed).toBe(true)
})

test('the same question keeps its answer while it is asked again, another one does not', async () => {
  answer = async () => Response.json({ first: true })
  await load()
  answer = async () => error(503, 'Data temporarily unavailable')
  const again = load()
  expect(usage.value).toMatchObject({ state: 'loading', previous: { first: true } })
  await again
  expect(usage.value).toMatchObject({ state: 'failed', previous: { first: true }, at: new Date() })
  loaded.value = { ...defaults, app: 'shop' }
  void load()
  expect(usage.value).toEqual({ state: 'loading', since: Date.now() })
})

test('one failure leaves the other answers alone, and is asked again alone', async () => {
  answer = async (url) => (url.includes('/usage') ? error(500, 'Something went wrong') : Response.json({ ok: true }))
  expect(await refresh()).toBe(false)
  expect([usage.value.state, performance_.value.state, status.value.state]).toEqual(['failed', 'done', 'done'])
  asked.length = 0
  answer = async () => Response.json({ ok: true })
  retry(usage)
  await vi.runAllTimersAsync()
  expect([asked.length, usage.value.state]).toEqual([1, 'done'])
  expect(await refresh()).toBe(true)
})

test('who may not look waits for nothing else', async () => {
  answer = (url, init) => (url.includes('/errors') ? Promise.resolve(error(403, 'Administrator privileges required to access metrics')) : hang(url, init))
  expect(await refresh()).toBe(false)
  expect([loading.value, errors.value.state]).toEqual([false, 'failed'])
})

test('it loads while a single question is asked again, and while two are until both are answered', async () => {
  await load()
  const release: (() => void)[] = []
  answer = () => new Promise((resolve) => release.push(() => resolve(Response.json({}))))
  retry(usage)
  retry(errors)
  expect(loading.value).toBe(true)
  release[0]!()
  await vi.runAllTimersAsync()
  expect([loading.value, usage.value.state]).toEqual([true, 'done'])
  release[1]!()
  await vi.runAllTimersAsync()
  expect(loading.value).toBe(false)
})

test('choices do not load; ranges become parameters', () => {
  choose({ range: { start: '2026-10-01T00:00:00.000Z', end: '2026-10-02T00:00:00.000Z' } })
  expect(asked).toEqual([])
  apply()
  expect(parametersOf(loaded.value).toString()).toBe('start_time=2026-10-01T00%3A00%3A00.000Z&end_time=2026-10-02T00%3A00%3A00.000Z')
})

test('intervals', () => {
  const ends = (days: number) => ({ start: '2026-10-01T00:00:00Z', end: new Date(Date.parse('2026-10-01T00:00:00Z') + days * 86_400_000).toISOString() })
  expect([intervalOf({ name: '24h' }), intervalOf({ name: '7d' }), intervalOf({ name: '30d' }), intervalOf({ name: '90d' }), intervalOf(ends(14)), intervalOf(ends(15))])
    .toEqual(['hourly', 'hourly', 'daily', 'daily', 'hourly', 'daily'])
})
