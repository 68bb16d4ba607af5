import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { load, status } from '../api'
import { draft, loaded } from '../state'
import { button, press, render } from '../testing/render'
import { defaults } from '../view'
import { App } from './App'

let answer: (path: string, init: RequestInit) => Response | Promise<Response>

const metrics = { total_requests: 0, total_events: 0 }
const bodies: Record<string, unknown> = {
  performance: { metrics, endpoints: [], status_codes: {} },
  usage: { metrics, event_distribution: {}, page_views: {}, elements: [] },
  'time-series': { data_points: [] },
  errors: { errors: [] },
  status: { apps: ['orders', 'shop'], complete_up_to: '2026-11-22T19:59:00Z' },
}
const reply = (path: string) => Response.json(bodies[path])
const refuse = (status: number, message: string) =>
  Response.json({ message, status_code: status, correlation_id: 'c-9', details: {} }, { status })

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T20:00:30Z') })
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => answer(/metrics\/([^?]*)/.exec(url)![1]!, init))
  history.replaceState(null, '', '/metrics')
  loaded.value = draft.value = { ...defaults, zone: 'utc' }
  answer = reply
})
afterEach(() => {
  vi.runOnlyPendingTimers() // a toast goes
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function page(): Promise<HTMLElement> {
  const root = render(<App />)
  await act(() => load())
  return root
}

const byTestId = (root: HTMLElement, id: string) => root.querySelector<HTMLElement>(`[data-testid="${id}"]`)

test('the header says what is shown, and since when', async () => {
  const root = await page()
  expect(root.querySelector('h1')?.textContent).toBe('Application Metrics')
  expect(byTestId(root, 'metrics-nav-link')?.textContent).toBe('Metrics')
  expect(byTestId(root, 'loaded-at')?.textContent).toBe('Last loaded at 20:00:30 UTC')
  expect(byTestId(root, 'complete-up-to')?.textContent).toBe('Data complete up to 19:59 UTC')
  expect([...byTestId(root, 'app-select')!.querySelectorAll('option')].map((option) => option.textContent)).toEqual(['All apps', 'orders', 'shop'])
})

test.each([
  [{ queue: { depth: 5 }, spool: { samples: 12340 } }, '; 12,345 samples wait (5 in memory)'],
  [{ queue: { depth: 0 }, spool: { samples: 12345 } }, '; 12,345 samples wait on disk'],
  [{ queue: { depth: 1 }, spool: { samples: 0 } }, '; 1 sample waits in memory'],
  [{ queue: { depth: 0 } }, ''],
])('the database is away, and %j', async (held, want) => {
  const health = { ...(bodies.status as object), ...held, database_away_since: '2026-11-22T19:58:31Z' }
  answer = (path) => (path === 'status' ? Response.json(health) : reply(path))
  expect(byTestId(await page(), 'database-away')?.textContent).toBe(`Database away since 19:58 UTC${want}`)
})

test('nothing is said of a database that answers', async () => {
  expect(byTestId(await page(), 'database-away')).toBeNull()
})

test('a custom range is named in the zone of the view', async () => {
  loaded.value = draft.value = { ...defaults, zone: 'utc', range: { start: '2026-11-20T10:00:00.000Z', end: '2026-11-22T08:30:00.000Z' } }
  expect(byTestId(await page(), 'span')?.textContent).toBe('20 Nov 10:00 – 22 Nov 08:30')
})

test.each([[[]], [['appmetrics']]])('no app but %j: how to begin', async (apps) => {
  answer = (path) => (path === 'status' ? Response.json({ ...(bodies[path] as object), apps }) : reply(path))
  const root = await page()
  const empty = byTestId(root, 'empty')
  expect(empty?.textContent).toContain('No data available')
  expect(empty?.textContent).toContain('appmetrics serve --upstream')
  expect(empty?.textContent).toContain('<script defer src="/metrics/tracker.js"></script>')
})

test('whether there is data elsewhere is unknown: both ways on', async () => {
  status.value = { state: 'loading', since: 0 }
  answer = (path) => (path === 'status' ? refuse(503, 'Data temporarily unavailable') : reply(path))
  const empty = byTestId(await page(), 'empty')
  expect(empty?.textContent).toContain('appmetrics serve --upstream')
  expect(button(empty!, 'Show 90 days').disabled).toBe(false)
})

test('nothing in this range: where there is something', async () => {
  const root = await page()
  press(root, 'Show 90 days')
  expect(loaded.value.range).toEqual({ name: '90d' })
})

test.each([
  [401, 'A valid access token is required', 'Sign in required'],
  [403, 'Administrator privileges required to access metrics', 'Admin access required'],
  [503, 'Unable to verify admin privileges', 'Unable to verify admin privileges'],
])('%i %s is the whole page', async (status, message, title) => {
  answer = () => refuse(status, message)
  const root = await page()
  const denied = byTestId(root, 'denied')
  expect(denied?.querySelector('h2')?.textContent).toBe(title)
  expect([denied?.textContent?.includes(message), denied?.textContent?.includes('c-9')]).toEqual([true, true])
  answer = reply
  await act(async () => {
    button(root, 'Try again').click()
    await vi.runOnlyPendingTimersAsync()
  })
  expect(byTestId(root, 'denied')).toBeNull()
})

test.each([
  ['denied', () => refuse(403, 'Administrator privileges required to access metrics'), 'Try again'],
  ['empty', reply, 'Show 90 days'],
])('the focus stays in the page that follows the one that was %s', async (id, first, name) => {
  answer = first
  const root = await page()
  expect(byTestId(root, id)).not.toBeNull()
  answer = (path) => (path === 'performance' ? Response.json({ ...(bodies[path] as object), metrics: { ...metrics, total_requests: 1 } }) : reply(path))
  await act(async () => {
    button(root, name).focus()
    button(root, name).click()
    await load()
  })
  expect([byTestId(root, id), document.activeElement]).toEqual([null, root.querySelector('main')])
})

test('Refresh works until the answers are there, and says when they are not', async () => {
  const root = await page()
  let release = () => {}
  answer = () => new Promise((resolve) => { const before = release; release = () => { before(); resolve(refuse(503, 'Data temporarily unavailable')) } })
  press(root, 'Refresh')
  const refresh = byTestId(root, 'refresh-button') as HTMLButtonElement
  expect([refresh.textContent, refresh.disabled]).toEqual(['Refreshing...', true])
  await act(async () => {
    release()
    await vi.advanceTimersByTimeAsync(1)
  })
  expect([refresh.textContent, refresh.disabled]).toEqual(['Refresh', false])
  expect(byTestId(root, 'toast')?.textContent).toBe('Failed to refresh metrics. Please try again.')
})

test('a panel that is asked again keeps Refresh from asking it, too', async () => {
  answer = (path) => (path === 'errors' ? refuse(503, 'Data temporarily unavailable') : reply(path))
  bodies['performance'] = { metrics: { ...metrics, total_requests: 1 }, endpoints: [], status_codes: {} }
  const root = await page()
  let release = (_: Response) => {}
  answer = () => new Promise((resolve) => (release = resolve))
  press(byTestId(root, 'panel-errors')!, 'Try again')
  const refresh = byTestId(root, 'refresh-button') as HTMLButtonElement
  expect([refresh.textContent, refresh.disabled]).toEqual(['Refreshing...', true])
  await act(async () => {
    release(reply('errors'))
    await vi.advanceTimersByTimeAsync(1)
  })
  expect([refresh.textContent, refresh.disabled]).toEqual(['Refresh', false])
})

test('who turns out not to be allowed sees that alone', async () => {
  const root = await page()
  answer = (path, { signal }) =>
    path === 'status'
      ? refuse(403, 'Administrator privileges required to access metrics')
      : new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason as Error)))
  press(root, 'Refresh')
  await act(async () => void (await vi.advanceTimersByTimeAsync(1)))
  expect(byTestId(root, 'denied')).not.toBeNull()
  expect(byTestId(root, 'toast')?.textContent ?? '').toBe('')
  expect(byTestId(root, 'refresh-button')?.textContent).toBe('Refresh')
})

test('the choices of the header wait for Refresh', async () => {
  const root = await page()
  act(() => (byTestId(root, 'anonymous-toggle') as HTMLInputElement).click())
  expect([draft.value.anonymous, loaded.value.anonymous]).toEqual([true, false])
  expect(byTestId(root, 'refresh-button')?.className).toContain('button-primary')
})

test('one click shows times in another zone', async () => {
  const root = await page()
  act(() => byTestId(root, 'zone-switch')!.click())
  expect([loaded.value.zone, location.search]).toEqual(['local', ''])
  act(() => byTestId(root, 'zone-switch')!.click())
  expect(location.search).toBe('?zone=utc')
})
