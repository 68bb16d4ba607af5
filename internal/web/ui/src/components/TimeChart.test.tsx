import { render as draw } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { cursorOf, nowhere } from '../chart/cursor'
import type { Line } from '../chart/plot'
import { count } from '../format'
import { withCanvas } from '../testing/canvas'
import { render } from '../testing/render'
import { TimeChart, type TimeChartProps } from './TimeChart'

const times = Array.from({ length: 24 }, (_, hour) => `2026-03-17T${String(hour).padStart(2, '0')}:00:00Z`)
const requests: Line = { label: 'Requests', colour: 'requests', kind: 'bars', values: times.map((_, i) => i * 10) }
const failed: Line = { label: 'Failed', colour: 'failed', values: times.map((_, i) => (i === 5 ? null : 1)) }
const drawing: TimeChartProps = {
  title: 'Traffic', times, series: [requests, failed], unit: count, zone: 'utc', interval: 'hourly',
  range: { start: '2026-03-17T00:30:00Z', end: '2026-03-18T00:00:00Z' },
}
const onSelect = vi.fn<(start: string, end: string) => void>()

beforeAll(withCanvas)
beforeEach(() => {
  onSelect.mockReset()
  cursorOf('shared').value = nowhere
})
afterEach(() => act(() => draw(null, document.body.firstElementChild!)))

async function chart(props: Partial<TimeChartProps> = {}): Promise<HTMLElement> {
  const root = render(<TimeChart {...drawing} onSelect={onSelect} {...props} />)
  await act(async () => {})
  return root
}

const key = (root: HTMLElement, name: string, shiftKey = false) =>
  void act(() => void root.querySelector('.plot')!.dispatchEvent(new KeyboardEvent('keydown', { key: name, shiftKey, bubbles: true })))
const said = (root: HTMLElement): string | null => root.querySelector('[role=status]')!.textContent
const legend = (root: HTMLElement): (string | null)[] => [...root.querySelectorAll('.legend li')].map((e) => e.textContent)

/** Touches the plot at a share of its width. */
function touch(root: HTMLElement, type: string, share: number, pointerType = 'touch'): void {
  const over = root.querySelector<HTMLElement>('.u-over')!
  const clientX = share * parseFloat(over.style.width)
  act(() => void over.dispatchEvent(new PointerEvent(type, { clientX, pointerType, isPrimary: true, bubbles: true })))
}

test('the chart is one stop that says what keys do, and reads its points', async () => {
  const root = await chart()
  const plot = root.querySelector<HTMLElement>('.plot')!
  expect([plot.tabIndex, plot.getAttribute('role')]).toEqual([0, 'application'])
  expect(plot.getAttribute('aria-label')).toBe('Traffic. Arrow keys read the points, Shift with them selects a span, Enter shows it.')
  key(root, 'Home')
  expect(said(root)).toBe('Tue 17 Mar, 00:00: Requests 0, Failed 1.')
  key(root, 'ArrowRight')
  expect([said(root), legend(root)]).toEqual(['Tue 17 Mar, 01:00: Requests 10, Failed 1.', ['Requests10', 'Failed1']])
  expect(root.querySelector('.plot-time')?.textContent).toBe('Tue 17 Mar, 01:00')
})

test('Shift and the arrow keys select a span, inside the range that was asked for', async () => {
  const root = await chart()
  key(root, 'Home')
  key(root, 'ArrowRight', true)
  expect(said(root)).toContain('Selected 2 points')
  expect(parseFloat(root.querySelector<HTMLElement>('.u-select')!.style.width)).toBeGreaterThan(0)
  key(root, 'Enter')
  expect(onSelect.mock.calls).toEqual([['2026-03-17T00:30:00.000Z', '2026-03-17T02:00:00.000Z']])
  expect(legend(root)).toEqual(['Requests', 'Failed'])
})

test('a finger that is drawn to the side selects, whichever way', async () => {
  const root = await chart()
  for (const [from, to] of [[0.25, 0.5], [0.5, 0.25]] as const) {
    touch(root, 'pointerdown', from)
    touch(root, 'pointermove', (from + to) / 2)
    touch(root, 'pointermove', to)
    touch(root, 'pointerup', to)
  }
  expect(onSelect).toHaveBeenCalledTimes(2)
  expect(onSelect.mock.calls[0]).toEqual(onSelect.mock.calls[1])
  const [start, end] = onSelect.mock.calls[0]!.map((at) => new Date(at).getUTCHours())
  expect([start! >= 4 && start! <= 7, end! >= 11 && end! <= 14]).toEqual([true, true])
})

test('a finger that stays shows the figures of its place, and selects nothing', async () => {
  const root = await chart()
  touch(root, 'pointerdown', 0.5)
  touch(root, 'pointermove', 0.505)
  touch(root, 'pointerup', 0.505)
  expect(legend(root)[0]).toMatch(/^Requests1[12]0$/)
  expect(onSelect).not.toHaveBeenCalled()
})

test('a finger that scrolls the page selects nothing, nor does a mouse twice', async () => {
  const root = await chart()
  touch(root, 'pointerdown', 0.2)
  touch(root, 'pointermove', 0.6)
  touch(root, 'pointercancel', 0.6)
  touch(root, 'pointerup', 0.6)
  for (const type of ['pointerdown', 'pointermove', 'pointerup']) touch(root, type, type === 'pointerup' ? 0.9 : 0.1, 'mouse')
  expect([onSelect.mock.calls, legend(root)]).toEqual([[], ['Requests', 'Failed']])
})

test('a single point fills its chart', async () => {
  const one = { times: times.slice(0, 1), series: [{ ...requests, values: [7] }] }
  const root = await chart({ ...one, range: { start: times[0]!, end: times[1]! } })
  key(root, 'Home')
  const over = root.querySelector<HTMLElement>('.u-over')!
  const cursor = /translate\(([\d.]+)px/.exec(root.querySelector<HTMLElement>('.u-cursor-x')!.style.transform)!
  expect(Number(cursor[1]) / parseFloat(over.style.width)).toBeCloseTo(0.5, 1)
})

test('where nothing can be selected, a finger points', async () => {
  const root = render(<TimeChart {...drawing} />)
  await act(async () => {})
  touch(root, 'pointerdown', 0.1)
  touch(root, 'pointermove', 0.9)
  touch(root, 'pointerup', 0.9)
  expect(legend(root)[0]).toMatch(/^Requests2[012]0$/)
})

test('charts of one name share the cursor', async () => {
  const root = render(<><TimeChart {...drawing} sync="shared" /><TimeChart {...drawing} title="Usage" sync="shared" /></>)
  await act(async () => {})
  key(root, 'End')
  expect(legend(root)).toEqual(['Requests230', 'Failed1', 'Requests230', 'Failed1'])
})

test('new figures are drawn in place of the old, which leave nothing behind', async () => {
  const root = await chart()
  await act(async () => draw(<TimeChart {...drawing} series={[requests]} onSelect={onSelect} />, root))
  expect([root.querySelectorAll('.uplot').length, root.querySelectorAll('.plot-time').length, legend(root)]).toEqual([1, 1, ['Requests']])
  await act(async () => draw(null, root))
  expect(root.innerHTML).toBe('')
})
