import { expect, test } from 'vitest'
import { act } from 'preact/test-utils'
import type { Performance, Point, TimeSeries, Usage } from '../api'
import type { Line } from '../chart/plot'
import { count, milliseconds } from '../format'
import { render } from '../testing/render'
import { Bars } from './Bars'
import { Card } from './Card'
import { cards } from './Cards'
import { Histogram } from './Histogram'
import { sparkPaths } from './Sparkline'
import { words } from './TimeChart'
import { elementRows, elementSheet, ranked } from './UsagePanels'

const metrics = (p95: number, requests = 100): Performance['metrics'] => ({
  avg_response_time_ms: 50, p50_response_time_ms: 40, p95_response_time_ms: p95, p99_response_time_ms: 900, min_response_time_ms: 1,
  max_response_time_ms: 1000, total_requests: requests, error_count: 2, error_rate: 0.02, active_users: 7, anonymous_requests: 1,
})
const period = { start_time: '2026-03-17T14:00:00Z', end_time: '2026-03-17T16:00:00Z' }
const answer = (now: Performance['metrics'], before?: Performance['metrics'], complete = true): Performance => ({
  ...period, time_range: 'custom', metrics: now, endpoints: [], status_codes: {}, ...(before ? { previous: { ...period, complete, metrics: before } } : {}),
})
const changeOf = (testid: string, requests?: Performance, events?: Usage, course?: TimeSeries) => cards(requests, events, course).find((card) => card.testid === testid)!.change

test('cards judge their change', () => {
  expect(changeOf('card-p95', answer(metrics(300), metrics(200)))).toEqual({ words: '+50.0%', verdict: 'worse' })
  expect(changeOf('card-p95', answer(metrics(201), metrics(200)))).toEqual({ words: '0%', verdict: 'none' })
  expect(changeOf('card-requests', answer(metrics(1, 50), metrics(1)))).toEqual({ words: '-50.0%', verdict: 'none' })
})

test('a period that is not complete is compared with nothing, nor is one without requests', () => {
  expect(changeOf('card-p95', answer(metrics(300), metrics(200), false))).toBeUndefined()
  expect(changeOf('card-p95', answer(metrics(300), metrics(0, 0)))).toBeUndefined()
  expect(changeOf('card-p95', answer(metrics(300)))).toBeUndefined()
})

test('cards without answer have no value', () => {
  expect(cards(undefined, undefined, undefined).map((card) => card.value)).toEqual(['–', '–', '–', '–', '–', '–'])
  expect(cards(answer(metrics(0, 0)), undefined, undefined).find((card) => card.testid === 'card-p95')!.value).toBe('–')
})

test('a change is said in words, with an arrow and a colour', () => {
  const card = render(<Card label="p95" testid="card-p95" value="300 ms" change={{ words: '+50.0%', verdict: 'worse' }} state="done" />)
  expect(card.textContent).toBe('p95300 ms▲+50.0% worse against the period before')
  expect(card.querySelector('.worse')).not.toBeNull()
})

test('a card whose answer failed says so', () => {
  expect(render(<Card label="p95" testid="card-p95" value="–" state="failed" />).textContent).toBe('p95–unavailable')
})

test('sparklines break where values are missing and show points without neighbours', () => {
  const { line, dots } = sparkPaths([1, 2, null, 4, null, 1, 2])
  expect(line.match(/M/g)).toHaveLength(2)
  expect(dots.match(/M/g)).toHaveLength(1)
  expect(sparkPaths([]).line).toBe('')
  expect(sparkPaths([0, 0]).line).not.toContain('NaN')
})

test('rankings are ordered, and text in them is only text', () => {
  const rows = ranked({ '/b': 2, '/a': 2, '<img src=x onerror=alert(1)>': 9, '': 1 })
  expect(rows.map((row) => row.key)).toEqual(['<img src=x onerror=alert(1)>', '/a', '/b', ''])
  const list = render(<Bars name="Pages" kind="pages" rows={rows} total={14} />)
  expect(list.querySelector('img')).toBeNull()
  expect(list.querySelector('li')!.textContent).toBe('<img src=x onerror=alert(1)>9 64.3%')
  expect([...list.querySelectorAll('.bar-fill')].map((bar) => Math.round(Number(bar.getAttribute('width'))))).toEqual([100, 22, 22, 11])
  expect(list.querySelectorAll('[style]')).toHaveLength(0)
})

test('long rankings say how much they leave out', () => {
  const rows = ranked(Object.fromEntries(Array.from({ length: 1234 }, (_, i) => [`/${i}`, 1])))
  const list = render(<Bars name="Pages" kind="pages" rows={rows} />)
  expect(list.querySelectorAll('li')).toHaveLength(100)
  expect(list.textContent).toContain('and 1,134 more')
})

test('the elements of one page are those of that page', () => {
  const elements = [{ page_name: '/a', element_id: 'x', count: 3, unique_users: 1 }, { page_name: '/b', element_id: 'x', count: 2, unique_users: 1 }, { page_name: '', element_id: 'y', count: 1, unique_users: 1 }]
  expect(elementRows(elements).map((row) => row.title)).toEqual(['x /a', 'x /b', 'y'])
  expect(elementRows(elements, '/b').map((row) => row.value)).toEqual([2])
  expect(elementRows(elements, '').map((row) => row.value)).toEqual([1])
  expect(elementSheet(elements, '/b')).toEqual([['Element', 'Page', 'Clicks', 'Users'], ['x', '/b', 2, 1]])
})

test('a histogram of nothing is drawn, too', () => {
  expect(render(<Histogram buckets={[]} />).querySelectorAll('rect')).toHaveLength(0)
})

test('the arrow keys read a histogram', () => {
  const histogram = render(<Histogram buckets={[{ low_ms: 1, high_ms: 1.02, count: 5 }, { low_ms: 100, high_ms: 102, count: 1 }]} />)
  const plot = histogram.querySelector('[role=application]')!
  const said = (key: string): string | null => {
    act(() => void plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))
    return histogram.querySelector('[role=status]')!.textContent
  }
  expect(said('Home')).toMatch(/^1 ms to .*: 5 requests$/)
  expect(said('ArrowRight')).toMatch(/: 0 requests$/)
  expect(said('End')).toMatch(/ to 102 ms: 1 request$/)
})

test('the cursor of a chart is told in words', () => {
  const line = (label: string, values: Line['values']): Line => ({ label, values, colour: 'p50' })
  const points: Point[] = [{ timestamp: '2026-03-17T14:00:00Z' }, { timestamp: '2026-03-17T15:00:00Z' }]
  const chart = { times: points.map((p) => p.timestamp), series: [line('p50', [12, null])], unit: milliseconds, zone: 'utc', interval: 'hourly' } as const
  expect(words(chart, 0, null)).toBe('Tue 17 Mar, 14:00: p50 12.0 ms.')
  expect(words(chart, 1, null)).toBe('Tue 17 Mar, 15:00: p50 no data.')
  expect(words({ ...chart, interval: 'daily' }, 0, null)).toBe('Tue 17 Mar UTC: p50 12.0 ms.')
  expect(words({ ...chart, unit: count }, 1, 0)).toBe('Tue 17 Mar, 15:00: p50 no data. Selected 2 points from Tue 17 Mar, 14:00; Enter shows them.')
})
