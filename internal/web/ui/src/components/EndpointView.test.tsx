import { render as draw } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { draft, loaded } from '../state'
import { withCanvas } from '../testing/canvas'
import { press, render } from '../testing/render'
import { defaults } from '../view'
import { EndpointView } from './EndpointView'

const name = { method: 'GET', endpoint: '/orders/{id}' }
const metrics = {
  total_requests: 40, error_count: 2, error_rate: 0.05, avg_response_time_ms: 53.7, p50_response_time_ms: 43, p95_response_time_ms: 116,
  p99_response_time_ms: 284, min_response_time_ms: 6, max_response_time_ms: 687, active_users: 7, anonymous_requests: 0,
}
const period = { start_time: '2026-03-16T15:00:00Z', end_time: '2026-03-17T15:00:00Z' }
const request = (id: string, ms: number, status: number, user: string) => ({
  id, timestamp: '2026-03-17T14:00:00Z', app: 'shop', ...name, status_code: status, response_time_ms: ms, user_id: user, correlation_id: `c-${id}`,
})
let asked: URL[]
let answer: (question: string, parameters: URLSearchParams) => Response

const reply: typeof answer = (question, parameters) => {
  switch (question) {
    case 'performance':
      return Response.json({ ...period, metrics, endpoints: [], status_codes: { 200: 38, 503: 2 }, histogram: [{ low_ms: 6, high_ms: 700, count: 40 }] })
    case 'time-series':
      return Response.json({ start_time: '2026-03-17T14:00:00Z', end_time: '2026-03-17T15:00:00Z', interval: 'hourly', data_points: [] })
    case 'errors':
      return Response.json({ errors: [{ ...name, error_type: 'SERVER_ERROR_503', count: 2, users_affected: 1, first_seen: '2026-03-17T14:00:00Z', last_seen: '2026-03-17T14:30:00Z' }] })
  }
  if (parameters.get('status') === '4xx') return Response.json({ requests: [] })
  return Response.json({ requests: [request('a', 687, 503, 'ada'), request('b', 90, 503, 'ada')] })
}

beforeAll(withCanvas)
beforeEach(() => {
  asked = []
  document.title = 'Application Metrics'
  answer = reply
  loaded.value = draft.value = { ...defaults, zone: 'utc', app: 'shop', endpoint: name }
  vi.stubGlobal('fetch', async (address: string) => {
    const url = new URL(address, 'http://localhost')
    asked.push(url)
    return answer(url.pathname.split('/').pop()!, url.searchParams)
  })
})
afterEach(() => {
  act(() => draw(null, document.body.firstElementChild!))
  history.replaceState(null, '', '/')
  vi.unstubAllGlobals()
})

async function view(): Promise<HTMLElement> {
  const root = render(<EndpointView {...name} />)
  await vi.waitFor(() => act(async () => expect(states(root)).not.toContain('loading')))
  return root
}

const panels = (root: HTMLElement): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('[data-testid^="panel-"]')]
const states = (root: HTMLElement): (string | undefined)[] => panels(root).map((panel) => panel.dataset['state'])
const panel = (root: HTMLElement, id: string): HTMLElement => root.querySelector<HTMLElement>(`[data-testid="${id}"]`)!

test('one endpoint, with its figures, who was affected, and the requests by which to find it in logs', async () => {
  const root = await view()
  expect(root.querySelector('h2')?.textContent).toBe('GET /orders/{id}')
  expect([...root.querySelectorAll('.figures dd')].map((e) => e.textContent).slice(0, 3)).toEqual(['40', '5.00%', '53.7 ms'])
  expect(panel(root, 'panel-status-codes').textContent).toContain('503')
  expect(panel(root, 'panel-affected').textContent).toContain('2 requests, 1 user, last 2026-03-17 14:30')
  expect(panel(root, 'panel-affected').querySelector('.bars')?.textContent).toBe('ada2')
  expect([...panel(root, 'panel-slowest').querySelectorAll('code')].map((e) => e.title)).toEqual(['c-a', 'c-b'])
  expect(panel(root, 'panel-failing').querySelectorAll('tbody tr')).toHaveLength(2)
})

test('it says of which endpoint and time it is, also to the tab', async () => {
  const root = await view()
  expect(document.title).toBe('GET /orders/{id} – Application Metrics')
  expect(root.querySelector('[data-testid="endpoint-span"]')?.textContent).toBe('16 Mar 15:00 – 17 Mar 15:00 UTC')
  act(() => draw(null, document.body.firstElementChild!))
  expect(document.title).toBe('Application Metrics')
})

test('its requests are sorted by every column, and the address knows', async () => {
  const root = await view()
  const users = (): string[] => [...panel(root, 'panel-slowest').querySelectorAll('tbody tr')].map((row) => row.querySelector('code')!.title)
  expect(users()).toEqual(['c-a', 'c-b'])
  press(panel(root, 'panel-slowest'), 'Took▼')
  expect([users(), location.search]).toEqual([['c-b', 'c-a'], expect.stringContaining('sort.slowest=response_time_ms')])
  expect(panel(root, 'panel-failing').querySelector('[aria-label^="Download CSV"]')).not.toBeNull()
})

test('every failing request that is kept can be sorted and saved, newest first', async () => {
  const many = Array.from({ length: 30 }, (_, i) => ({ ...request(`f${i}`, i, 503, 'ada'), timestamp: new Date(Date.parse(period.start_time) + i * 60_000).toISOString() }))
  answer = (question, parameters) => (parameters.get('status') === '5xx' ? Response.json({ requests: many }) : reply(question, parameters))
  const failing = panel(await view(), 'panel-failing')
  expect(failing.querySelectorAll('tbody tr')).toHaveLength(30)
  expect(failing.querySelector('tbody code')?.getAttribute('title')).toBe('c-f29')
  press(failing, 'Took')
  press(failing, 'Took▼')
  expect(failing.querySelector('tbody code')?.getAttribute('title')).toBe('c-f0')
})

test('an endpoint without requests has no error rate', async () => {
  answer = (question, parameters) => (question === 'performance' ? Response.json({ ...period, metrics: { ...metrics, total_requests: 0, error_rate: 0 }, endpoints: [], status_codes: {} }) : reply(question, parameters))
  expect([...(await view()).querySelectorAll('.figures dd')].map((e) => e.textContent).slice(0, 3)).toEqual(['0', '–', '–'])
})

test('everything is asked of this endpoint and app', async () => {
  await view()
  expect(new Set(asked.map((url) => url.pathname.split('/').pop()))).toEqual(new Set(['performance', 'time-series', 'errors', 'requests']))
  for (const { searchParams } of asked) {
    expect([searchParams.get('method'), searchParams.get('endpoint'), searchParams.get('app')]).toEqual(['GET', '/orders/{id}', 'shop'])
  }
})

test('what fails is asked again alone, and what waited for it follows', async () => {
  answer = (question, parameters) =>
    question === 'performance' ? Response.json({ message: 'Data temporarily unavailable' }, { status: 503 }) : reply(question, parameters)
  const root = await view()
  expect([panel(root, 'panel-histogram').dataset['state'], panel(root, 'panel-slowest').dataset['state']]).toEqual(['unavailable', 'unavailable'])
  expect(panel(root, 'panel-affected').dataset['state']).toBe('done')
  answer = reply
  asked = []
  press(panel(root, 'panel-histogram'), 'Try again')
  await vi.waitFor(() => act(async () => expect(panel(root, 'panel-slowest').dataset['state']).toBe('done')))
  expect([...new Set(asked.map((url) => url.pathname.split('/').pop()))]).toEqual(['performance', 'requests'])
})

test('Back to overview, Esc and a press beside the sheet close it', async () => {
  const root = await view()
  const dialog = root.querySelector('dialog')!
  expect(dialog.open).toBe(true)
  const ways = [() => press(root, 'Back to overview'), () => void dialog.dispatchEvent(new Event('cancel', { cancelable: true })), () => dialog.click()]
  for (const close of ways) {
    loaded.value = draft.value = { ...loaded.value, endpoint: name }
    act(close)
    expect(loaded.value.endpoint).toBeUndefined()
  }
})
