/// <reference types="node" />
import { readFileSync } from 'node:fs'
import { render, type ComponentChild } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import report from '../../../../report/testdata/filled.json'
import type { Endpoint, ErrorGroup } from '../api'
import { toCSV } from '../csv'
import { loaded } from '../state'
import { sheetOf } from '../table'
import { EndpointTable, endpointColumns } from './EndpointTable'
import { ErrorTable, errorColumns } from './ErrorTable'
import { SheetTable } from './SheetTable'

const written = (name: string): string => readFileSync(`../../report/testdata/${name}`, 'utf8')
const page = document.body
const before = loaded.value

beforeEach(() => {
  loaded.value = { ...before, zone: 'utc' }
})
afterEach(() => {
  render(null, page)
  loaded.value = before
  history.replaceState(null, '', '/')
})

const show = (table: ComponentChild): void => void act(() => render(table, page))
const texts = (selector: string): string[] => [...page.querySelectorAll(selector)].map((e) => e.textContent ?? '')
const click = (selector: string): void => void act(() => page.querySelector<HTMLElement>(selector)!.click())

/** The lines of a file without quotes, each by the names of its columns. */
function records(file: string): Record<string, string>[] {
  const [head = [], ...lines] = file.trim().split(/\r?\n/).map((line) => line.split(','))
  return lines.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i]!])))
}

test('endpoints have every figure of the API, and files say what those of the report say', () => {
  const every: Required<Endpoint> = {
    endpoint: '', method: '', request_count: 0, error_count: 0, error_rate: 0, avg_response_time_ms: 0, p50_response_time_ms: 0, p95_response_time_ms: 0,
    p99_response_time_ms: 0, min_response_time_ms: 0, max_response_time_ms: 0, active_users: 0, anonymous_requests: 0,
  }
  const columns = endpointColumns(1)
  expect(columns.map(({ key }) => key).sort()).toEqual(Object.keys(every).sort())
  expect(records(toCSV(sheetOf(columns, report.performance.endpoints)))).toEqual(records(written('filled.csv')))
})

test('errors have every figure of the API, and files say what those of the report say', () => {
  const every: Required<ErrorGroup> = { endpoint: '', method: '', error_type: '', count: 0, users_affected: 0, first_seen: '', last_seen: '' }
  const columns = errorColumns('utc')
  expect(columns.map(({ key }) => key).sort()).toEqual(Object.keys(every).sort())
  expect(records(toCSV(sheetOf(columns, report.errors.errors)))).toEqual(records(written('filled_errors.csv')))
})

test('endpoints are slowest first, with their share of the traffic', () => {
  show(<EndpointTable rows={report.performance.endpoints} total={report.performance.metrics.total_requests} />)
  const times = report.performance.endpoints.map((e) => e.avg_response_time_ms)
  expect(times).toEqual([...times].sort((a, b) => b - a))
  expect(texts('tbody th')).toEqual(report.performance.endpoints.map((e) => e.endpoint))
  expect(texts('tbody tr:first-child td').slice(0, 3)).toEqual(['POST', '48', '2.48 s'])
  expect(page.querySelector('.share')!.getAttribute('aria-label')).toMatch(/^\d\.\d\d% of all requests$/)
})

test('sort, filter and the open endpoint are part of the address', () => {
  show(<EndpointTable rows={report.performance.endpoints} total={1} />)
  click('thead th:nth-child(3) button')
  expect(loaded.value.sort).toEqual({ column: 'request_count', descending: true })
  const field = page.querySelector('input')!
  field.value = 'export'
  act(() => void field.dispatchEvent(new Event('input', { bubbles: true })))
  expect(loaded.value.filter).toBe('export')
  expect(texts('tbody th')).toEqual(['/reports/{id}/export'])
  const href = page.querySelector('tbody a')!.getAttribute('href')
  click('tbody a')
  expect(loaded.value.endpoint).toEqual({ method: 'POST', endpoint: '/reports/{id}/export' })
  expect(location.pathname + location.search).toBe(href)
})

test('errors tell when they were seen, in a zone that is named, and open their endpoint', () => {
  show(<ErrorTable rows={report.errors.errors} />)
  expect(texts('thead th').map((text) => text.replace('▼', ''))).toEqual(
    ['Type', 'Count', 'People', 'Endpoint', 'Method', 'Last seen (UTC)', 'First seen (UTC)'],
  )
  expect(texts('tbody tr:first-child > *')).toEqual(['SERVER_ERROR_503', '92', '41', '/checkout', 'POST', '2026-03-18 11:13', '2026-03-17 13:30'])
  click('tbody a')
  expect(loaded.value.endpoint).toEqual({ method: 'POST', endpoint: '/checkout' })
})

test('the arrangement of other tables is part of the address, under names that no zone changes', () => {
  show(<ErrorTable rows={report.errors.errors} />)
  click('thead th:nth-child(3) button')
  expect(location.search).toBe('?zone=utc&sort.errors=-users_affected')
  show(<SheetTable id="traffic" name="Traffic" sheet={[['Time (Europe/Berlin)', 'Requests'], ['10:00', 1]]} />)
  click('thead th:first-child button')
  expect(location.search).toBe('?zone=utc&sort.errors=-users_affected&sort.traffic=time')
})

test('the figures of a chart keep their order until a head is pressed, with decimals that line up', () => {
  show(<SheetTable id="traffic" name="Traffic" sheet={[['Time', 'Requests', 'p95 (ms)'], ['10:00', 12000, 3.5], ['11:00', 9, null], ['12:00', 100, 20]]} />)
  expect(texts('tbody tr > *')).toEqual(['10:00', '12,000', '3.50', '11:00', '9', '–', '12:00', '100', '20.00'])
  click('thead th:nth-child(3) button')
  expect(texts('tbody th')).toEqual(['12:00', '10:00', '11:00'])
})
