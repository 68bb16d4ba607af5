import uPlot from 'uplot'
import type { Zone } from '../state'
import { brief, decades, secondsOf, timeLabel, timeSplits, type Interval } from './axis'
import type { Colours } from './colours'
import { lonely } from './cursor'

/** One line or row of bars. */
export interface Line {
  label: string
  values: readonly (number | null)[]
  colour: Colour
  dash?: readonly number[]
  kind?: 'line' | 'bars'
  right?: boolean // on an axis of its own at the right: it counts something else
}

/** A colour of the palette that charts draw with. */
export type Colour = 'p50' | 'p95' | 'p99' | 'requests' | 'failed' | 'events' | 'users'

export interface Drawing {
  times: readonly string[] // ISO 8601, one for each value
  series: readonly Line[]
  unit: (value: number) => string
  axis?: (value: number) => string // the same for the labels of the axis, where there is less room
  whole?: boolean // values are counts: no labels between them
  logarithmic?: boolean
  zone: Zone
  interval: Interval
}

interface Reactions {
  colours: Colours
  onPoint: (index: number | null) => void
  onSpan: ((from: number, to: number) => void) | undefined
}

const wholeSteps = [1, 2, 5].flatMap((n) => Array.from({ length: 13 }, (_, e) => n * 10 ** e)).sort((a, b) => a - b)
const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif'
const bars = uPlot.paths.bars!({ size: [0.75, 28, 1], radius: 0.12 })

/** The size of a plot before its place is known. */
export const unsized = { width: 300, height: 140 }

/** What uPlot is to draw, and how. */
export function options(drawing: Drawing, size: { width: number; height: number }, reactions: Reactions): uPlot.Options {
  const { colours } = reactions
  const step = secondsOf(drawing.interval)
  const zone = drawing.interval === 'daily' ? 'utc' : drawing.zone
  const axis = { stroke: () => colours.get('muted'), font, ticks: { show: false } } satisfies uPlot.Axis
  const grid = { stroke: () => colours.get('rule'), width: 1 }
  const labels = {
    ...axis,
    gap: 6,
    space: 20,
    size: (_: uPlot, values: string[] | null) => 14 + 6.2 * Math.max(2, ...(values ?? []).map((label) => String(label).length)),
    values: (_: uPlot, splits: (number | null)[]) => splits.map((value) => (value === null ? '' : brief((drawing.axis ?? drawing.unit)(value)))),
    ...(drawing.whole ? { incrs: wholeSteps } : {}),
  } satisfies uPlot.Axis
  const right = drawing.series.some((line) => line.right)
  return {
    ...size,
    padding: [8, right ? 0 : 8, 0, 0],
    legend: { show: false },
    tzDate: (at) => (zone === 'utc' ? uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') : new Date(at * 1000)),
    scales: {
      // Of the points themselves: around a single one uPlot itself would show years.
      x: { time: true, range: ({ data: [at] }) => [(at[0] ?? 0) - step / 2, (at.at(-1) ?? 0) + step / 2] },
      y: drawing.logarithmic
        ? { distr: 3, range: (_, least, most) => uPlot.rangeLog(least ?? 1, most ?? 10, 10, false) }
        : { range: (_, __, most) => [0, top(most, drawing.whole)] },
      ...(right ? { right: { range: (_: uPlot, __: number, most: number | null) => [0, top(most, drawing.whole)] as [number, number] } } : {}),
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 4,
        grid: { show: false },
        // One at the very left would run into those of the other axis, one at the very right would be cut off.
        splits: (plot, _, from, to) => timeSplits(from + ((to - from) * 20) / plot.width, to - ((to - from) * 16) / plot.width, Math.floor(plot.width / 64), zone),
        values: (_, splits) => splits.map((at) => timeLabel(at, zone)),
      },
      {
        ...labels,
        grid,
        ...(drawing.logarithmic ? { splits: (_: uPlot, __: number, from: number, to: number) => decades(from, to) } : {}),
      },
      ...(right ? [{ ...labels, scale: 'right', side: 1, grid: { show: false } }] : []),
    ],
    series: [{}, ...drawing.series.map((line) => (line.kind === 'bars' ? barsOf : lineOf)(line, colours))],
    cursor: {
      y: false,
      points: { size: (_, i) => (drawing.series[i - 1]?.kind === 'bars' ? 0 : 7) },
      move: (plot, left, y) => [left < 0 ? left : nearest(plot, left), y],
      drag: { x: reactions.onSpan !== undefined, y: false, setScale: false, dist: 6 },
    },
    hooks: {
      setCursor: [(plot) => reactions.onPoint(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width <= 0) return
          reactions.onSpan?.(plot.posToIdx(plot.select.left), plot.posToIdx(plot.select.left + plot.select.width))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

function lineOf(line: Line, colours: Colours): uPlot.Series {
  const alone = lonely(line.values)
  const stroke = (): string => colours.get(line.colour)
  return {
    label: line.label,
    scale: line.right ? 'right' : 'y',
    stroke,
    width: crowded(line) ? 1.5 : 2,
    cap: 'round',
    ...(line.dash ? { dash: [...line.dash] } : {}),
    points: { show: false, filter: () => (alone.length > 0 ? alone : null), size: 6, width: 0, stroke, fill: stroke },
  }
}

function barsOf(line: Line, colours: Colours): uPlot.Series {
  return {
    label: line.label,
    stroke: () => colours.get('surface'), // parts a bar from what stands behind it
    fill: () => colours.get(line.colour),
    width: crowded(line) ? 0 : 1,
    paths: bars,
    points: { show: false },
  }
}

/** Where the point stands that is nearest to a place of the plot. */
const nearest = (plot: uPlot, left: number): number => plot.valToPos(plot.data[0][plot.posToIdx(left)] ?? 0, 'x')

/** So many points that lines must be thin, and nothing fits between bars. */
const crowded = (line: Line): boolean => line.values.length > 72

/** The shortest time that a logarithmic axis, which has no nought, can show. */
const leastOfLog = 0.01

/** The values as they are drawn: a bar of little is seen, beside one of nothing. */
export function data(drawing: Drawing): uPlot.AlignedData {
  const most = Math.max(0, ...drawing.series.flatMap((line) => line.values.map((v) => v ?? 0)))
  const seen = (line: Line): (number | null)[] =>
    line.values.map((v) => {
      if (v === null) return null
      if (drawing.logarithmic) return Math.max(v, leastOfLog)
      return line.kind === 'bars' && v > 0 ? Math.max(v, most * 0.02) : v
    })
  return [drawing.times.map((at) => Date.parse(at) / 1000), ...drawing.series.map(seen)]
}

function top(most: number | null, whole = false): number {
  if (most === null || most <= 0) return whole ? 4 : 1
  return whole ? Math.max(most * 1.05, 4) : most * 1.05
}
