import type uPlot from 'uplot'
import { nowhere, type Cursor } from './cursor'

export interface Touched {
  point: (cursor: Cursor) => void
  span: ((from: number, to: number) => void) | undefined // points, in their order; undefined: nothing can be selected
}

/** How far a finger may tremble, in pixels, before it drags. */
const still = 8

/**
 * Follows fingers and pens over a plot, as uPlot itself does the mouse. A touch
 * points, and a drag to the side selects a span; one up or down is the
 * browser's, which scrolls the page (touch-action: pan-y).
 */
export function followTouch(plot: uPlot, { point, span }: Touched): void {
  let first: { index: number; x: number } | undefined
  let selects = false
  const indexAt = (event: PointerEvent): number => plot.posToIdx(event.clientX - plot.over.getBoundingClientRect().left)
  const on = (type: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel', react: (event: PointerEvent) => void): void =>
    plot.over.addEventListener(type, (event) => {
      if (event.pointerType !== 'mouse' && event.isPrimary) react(event)
    })
  on('pointerdown', (event) => {
    first = { index: indexAt(event), x: event.clientX }
    selects = false
    point({ index: first.index, anchor: null })
  })
  on('pointermove', (event) => {
    if (!first) return // a pen in the air
    selects ||= span !== undefined && Math.abs(event.clientX - first.x) > still
    point({ index: indexAt(event), anchor: selects ? first.index : null })
  })
  on('pointerup', (event) => {
    const [from, to] = [first?.index, indexAt(event)]
    first = undefined
    if (from === undefined || !selects) return
    point(nowhere)
    span?.(Math.min(from, to), Math.max(from, to))
  })
  on('pointercancel', () => {
    first = undefined
    point(nowhere)
  })
}
