import { expect, test } from 'vitest'
import { cursorOf, lonely, nowhere, press, span, type Cursor } from './cursor'

const at = (index: number | null, anchor: number | null = null): Cursor => ({ index, anchor })

test.each([
  ['right enters at the first point', nowhere, 'ArrowRight', false, at(0)],
  ['left enters at the last point', nowhere, 'ArrowLeft', false, at(9)],
  ['right', at(3), 'ArrowRight', false, at(4)],
  ['left', at(3), 'ArrowLeft', false, at(2)],
  ['no further than the last', at(9), 'ArrowRight', false, at(9)],
  ['no further than the first', at(0), 'ArrowLeft', false, at(0)],
  ['home', at(5), 'Home', false, at(0)],
  ['end', at(5), 'End', false, at(9)],
  ['a page up', at(5), 'PageUp', false, at(0)],
  ['shift starts a span where the cursor is', at(5), 'ArrowRight', true, at(6, 5)],
  ['shift goes on with a span', at(6, 5), 'ArrowLeft', true, at(5, 5)],
  ['shift enters', nowhere, 'ArrowRight', true, at(0, 0)],
  ['shift and home', at(6, 5), 'Home', true, at(0, 5)],
  ['a move without shift gives the span up', at(6, 5), 'ArrowRight', false, at(7)],
  ['escape gives the span up', at(6, 5), 'Escape', false, at(6)],
])('%s', (_, from, key, shift, want) => {
  expect(press(from, key, shift, 10)).toEqual({ kind: 'move', cursor: want })
})

test('enter takes the span, whichever way it was made', () => {
  expect(press(at(2, 5), 'Enter', false, 10)).toEqual({ kind: 'select', from: 2, to: 5 })
  expect(press(at(5, 2), 'Enter', false, 10)).toEqual({ kind: 'select', from: 2, to: 5 })
})

test.each([
  ['Enter', at(3), 10],
  ['Escape', at(3), 10], // closes what the chart stands in
  ['a', at(3), 10],
  ['Tab', at(3), 10],
  ['ArrowRight', nowhere, 0],
] as const)('%s is left to the page', (key, cursor, points) => {
  expect(press(cursor, key, false, points)).toEqual({ kind: 'ignore' })
})

const times = ['2026-03-17T14:00:00Z', '2026-03-17T15:00:00Z', '2026-03-17T16:00:00Z']

test('a span ends with its last hour, and stays inside the range', () => {
  const range = { start: '2026-03-17T14:20:00Z', end: '2026-03-17T16:20:00Z' }
  expect(span(times, 1, 1, range, 'hourly')).toEqual({ start: '2026-03-17T15:00:00.000Z', end: '2026-03-17T16:00:00.000Z' })
  expect(span(times, 0, 2, range, 'hourly')).toEqual({ start: '2026-03-17T14:20:00.000Z', end: '2026-03-17T16:20:00.000Z' })
  expect(span(times, 0, 0, range, 'daily')).toEqual({ start: '2026-03-17T14:20:00.000Z', end: '2026-03-17T16:20:00.000Z' })
})

test('points without neighbours are found', () => {
  expect(lonely([null, 1, null, 2, 3, null, 4])).toEqual([1, 6])
  expect(lonely([])).toEqual([])
})

test('charts of one name share their cursor', () => {
  expect(cursorOf('a')).toBe(cursorOf('a'))
  expect(cursorOf('a')).not.toBe(cursorOf('b'))
})
