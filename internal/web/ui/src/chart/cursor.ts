import { signal, type Signal } from '@preact/signals'
import { secondsOf, type Interval } from './axis'

/** Where a chart is pointed at: a point, and the other end of the selected span while one is being made. */
export interface Cursor {
  index: number | null
  anchor: number | null
}

export const nowhere: Cursor = { index: null, anchor: null }

/** What a key does to a chart. */
export type Step = { kind: 'move'; cursor: Cursor } | { kind: 'select'; from: number; to: number } | { kind: 'ignore' }

const page = 10

/** The effect of a key on the cursor of a chart of some points: arrows move it, with Shift they select, Enter takes the selection. */
export function press(cursor: Cursor, key: string, shift: boolean, points: number): Step {
  const last = points - 1
  if (last < 0) return { kind: 'ignore' }
  if (key === 'Enter' && cursor.index !== null && cursor.anchor !== null) {
    return { kind: 'select', from: Math.min(cursor.index, cursor.anchor), to: Math.max(cursor.index, cursor.anchor) }
  }
  if (key === 'Escape' && cursor.index !== null && cursor.anchor !== null) return { kind: 'move', cursor: { index: cursor.index, anchor: null } }
  const at = target(cursor.index, key, last)
  if (at === undefined) return { kind: 'ignore' }
  const index = Math.min(Math.max(at, 0), last)
  return { kind: 'move', cursor: { index, anchor: shift ? (cursor.anchor ?? cursor.index ?? index) : null } }
}

function target(index: number | null, key: string, last: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return (index ?? last + 1) - 1
    case 'ArrowRight':
      return (index ?? -1) + 1
    case 'PageUp':
      return (index ?? last) - page
    case 'PageDown':
      return (index ?? 0) + page
    case 'Home':
      return 0
    case 'End':
      return last
  }
  return undefined
}

/** The time that two points and what lies between them cover, cut to the range that was asked for. */
export function span(times: readonly string[], from: number, to: number, range: { start: string; end: string }, interval: Interval): { start: string; end: string } {
  const begin = Math.max(Date.parse(times[from]!), Date.parse(range.start))
  const end = Math.min(Date.parse(times[to]!) + secondsOf(interval) * 1000, Date.parse(range.end))
  return { start: new Date(begin).toISOString(), end: new Date(Math.max(end, begin)).toISOString() }
}

const shared = new Map<string, Signal<Cursor>>()

/** The cursor that all charts of one name share. */
export function cursorOf(name: string): Signal<Cursor> {
  let cursor = shared.get(name)
  if (!cursor) shared.set(name, (cursor = signal(nowhere)))
  return cursor
}

/** The points that have no neighbour: no line reaches them. */
export function lonely(values: readonly (number | null)[]): number[] {
  const there = (i: number): boolean => values[i] !== null && values[i] !== undefined
  return values.flatMap((_, i) => (there(i) && !there(i - 1) && !there(i + 1) ? [i] : []))
}
