import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { draft, loaded } from '../state'
import { button, press, render, type } from '../testing/render'
import { defaults } from '../view'
import { RangePicker } from './RangePicker'

let root: HTMLElement

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T20:00:30Z') })
  history.replaceState(null, '', '/metrics')
  loaded.value = draft.value = { ...defaults, zone: 'utc' }
  root = render(<RangePicker />)
})
afterEach(() => vi.useRealTimers())

const problem = () => root.querySelector('[role=alert]')?.textContent

test('a quick choice changes the draft only', () => {
  press(root, '30d')
  expect([draft.value.range, loaded.value.range]).toEqual([{ name: '30d' }, { name: '24h' }])
  expect(button(root, '30d').getAttribute('aria-pressed')).toBe('true')
})

test.each([
  ['2026-08-01T00:00', '2026-11-22T00:00', 'Date range cannot exceed 90 days. Please select a shorter range.'],
  ['2026-08-01T00:00', '2026-08-10T00:00', 'Data is only available for the last 90 days. Please select a more recent date.'],
  ['2026-11-22T00:00', '2026-11-23T00:00', 'Cannot select future dates.'],
  ['2026-11-22T00:00', '2026-11-21T00:00', 'Start date must be before end date.'],
])('%s to %s: %s', (start, end, want) => {
  press(root, 'Custom')
  type(root, 'Start', start)
  type(root, 'End', end)
  expect([problem(), button(root, 'Apply').disabled]).toEqual([want, true])
})

test('a custom range begins with the ends of the present one, and loads when it is applied', () => {
  press(root, 'Custom')
  const [start, end] = [...root.querySelectorAll('input')].map((input) => input.value)
  expect([start, end, problem(), button(root, 'Apply').disabled]).toEqual(['2026-11-21T20:00', '2026-11-22T20:00', '', false])
  type(root, 'Start', '2026-11-20T10:00')
  expect(loaded.value.range).toEqual({ name: '24h' })
  act(() => void root.querySelector('form')!.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })))
  expect(loaded.value.range).toEqual({ start: '2026-11-20T10:00:00.000Z', end: '2026-11-22T20:00:00.000Z' })
  expect([root.querySelector('form'), location.search]).toEqual([null, expect.stringContaining('start=2026-11-20T10')])
})

test('another zone shows the same ends in its own digits', () => {
  loaded.value = draft.value = { ...loaded.value, range: { start: '2026-11-20T10:00:00.000Z', end: '2026-11-20T12:00:00.000Z' } }
  const fields = () => [...root.querySelectorAll('input')].map((input) => Date.parse(input.value + (loaded.value.zone === 'utc' ? 'Z' : '')))
  const before = loaded.value.zone
  act(() => void (loaded.value = { ...loaded.value, zone: 'local' }))
  press(root, 'Custom')
  for (const zone of ['utc', 'local', before] as const) {
    act(() => void (loaded.value = { ...loaded.value, zone }))
    expect(fields()).toEqual([Date.parse('2026-11-20T10:00Z'), Date.parse('2026-11-20T12:00Z')])
  }
})

test('a date that is not complete cannot be applied', () => {
  press(root, 'Custom')
  type(root, 'End', '')
  expect([problem(), button(root, 'Apply').disabled]).toEqual(['', true])
})

test('a press elsewhere closes the custom range', () => {
  press(root, 'Custom')
  act(() => void button(root, 'Apply').dispatchEvent(new Event('pointerdown', { bubbles: true })))
  expect(root.querySelector('form')).not.toBeNull()
  act(() => void document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })))
  expect(root.querySelector('form')).toBeNull()
})

test('the focus elsewhere closes the custom range, in the browser\'s calendar it does not', () => {
  press(root, 'Custom')
  const leave = (to: Element | null) => act(() => void root.querySelector('input')!.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: to })))
  leave(null)
  leave(button(root, 'Apply'))
  expect(root.querySelector('form')).not.toBeNull()
  leave(document.body)
  expect(root.querySelector('form')).toBeNull()
})

test('ends that are not changed stay what they were, to the second', () => {
  const range = { start: '2026-11-20T10:00:30.000Z', end: '2026-11-20T12:00:10.000Z' }
  act(() => void (loaded.value = draft.value = { ...loaded.value, range }))
  press(root, 'Custom')
  type(root, 'End', '2026-11-20T13:00')
  act(() => void root.querySelector('form')!.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })))
  expect(loaded.value.range).toEqual({ start: range.start, end: '2026-11-20T13:00:00.000Z' })
})

test('Escape closes the custom range and changes nothing', () => {
  press(root, 'Custom')
  act(() => void root.querySelector('input')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })))
  expect([root.querySelector('form'), draft.value.range]).toEqual([null, { name: '24h' }])
  expect(document.activeElement).toBe(button(root, 'Custom'))
})
