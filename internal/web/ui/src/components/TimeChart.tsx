import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { moment } from '../chart/axis'
import { Colours, onTheme } from '../chart/colours'
import { cursorOf, nowhere, press, span } from '../chart/cursor'
import { data, options, unsized, type Drawing } from '../chart/plot'
import { pointAt, TimeMark } from '../chart/pointing'
import { followTouch } from '../chart/touch'
import { figure, Legend } from './Legend'

export interface TimeChartProps extends Drawing {
  title: string
  range: { start: string; end: string } // what was asked for; a selected span stays inside
  sync?: string // charts of one name share the cursor; they have the same times
  onSelect?: (start: string, end: string) => void
}

/**
 * Lines or bars over time. What the pointer or the arrow keys point at stands
 * in the legend, and is read aloud for the keys; dragging, or Shift with the
 * arrow keys and Enter, selects a span; so does a finger that is drawn to the side.
 */
export function TimeChart(props: TimeChartProps) {
  const { title, times, series, zone, interval, range, onSelect } = props
  const own = useSignal(nowhere)
  const cursor = props.sync === undefined ? own : cursorOf(props.sync)
  const place = useRef<HTMLDivElement>(null)
  const spoken = useSignal('')
  const select = useRef(onSelect)
  select.current = onSelect
  const drawing = useMemo<Drawing>(() => props, [times, series, props.unit, props.axis, props.whole, props.logarithmic, zone, interval])

  useEffect(() => {
    const parent = place.current!
    const colours = new Colours(parent)
    const take = (from: number, to: number): void => {
      const chosen = span(times, from, to, range, interval)
      select.current?.(chosen.start, chosen.end)
    }
    let hovered = false // by a mouse, which uPlot follows by itself
    const size = () => ({ width: parent.clientWidth || unsized.width, height: parent.clientHeight || unsized.height })
    const drawn = new uPlot(
      options(drawing, size(), {
        colours,
        onPoint: (index) => {
          if (hovered) cursor.value = { index, anchor: null }
        },
        onSpan: onSelect ? take : undefined,
      }),
      data(drawing),
      parent,
    )
    drawn.over.addEventListener('pointerenter', ({ pointerType }) => (hovered = pointerType === 'mouse'))
    drawn.over.addEventListener('pointerleave', ({ pointerType }) => {
      if (pointerType !== 'mouse') return // what was touched stays shown
      hovered = false
      cursor.value = nowhere
    })
    followTouch(drawn, { point: (at) => (cursor.value = at), span: onSelect && take })
    const time = new TimeMark(parent)
    const follow = cursor.subscribe((now) => {
      if (!hovered) pointAt(drawn, now)
      const at = now.index === null ? undefined : times[now.index]
      time.show(at === undefined ? undefined : { left: drawn.over.offsetLeft + drawn.valToPos(Date.parse(at) / 1000, 'x'), words: moment(at, zone, interval) })
    })
    const resized = new ResizeObserver(() => {
      const { width, height } = size()
      if (width !== drawn.width || height !== drawn.height) drawn.setSize({ width, height })
    })
    resized.observe(parent)
    const unwatch = onTheme(() => {
      colours.forget()
      drawn.redraw()
    })
    return () => {
      follow()
      unwatch()
      resized.disconnect()
      colours.remove()
      time.remove()
      drawn.destroy()
    }
  }, [drawing, cursor, range.start, range.end, onSelect === undefined])

  const onKey = (event: KeyboardEvent): void => {
    const step = press(cursor.value, event.key, event.shiftKey && onSelect !== undefined, times.length)
    if (step.kind === 'ignore') return
    event.preventDefault()
    event.stopPropagation()
    if (step.kind === 'move') {
      cursor.value = step.cursor
      spoken.value = step.cursor.index === null ? '' : words(props, step.cursor.index, step.cursor.anchor)
    } else {
      const chosen = span(times, step.from, step.to, range, interval)
      cursor.value = nowhere
      onSelect?.(chosen.start, chosen.end)
    }
  }
  const { index } = cursor.value
  const there = index !== null && index < times.length ? index : null
  return (
    <div class="chart">
      <Legend series={series} unit={props.unit} index={there} />
      <div
        class="plot"
        ref={place}
        tabIndex={0}
        role="application"
        aria-roledescription="chart"
        aria-label={`${title}. Arrow keys read the points${onSelect ? ', Shift with them selects a span, Enter shows it' : ''}.`}
        onKeyDown={onKey}
        onBlur={() => {
          cursor.value = nowhere
          spoken.value = ''
        }}
      />
      <div class="visually-hidden" role="status" aria-live="polite">{spoken}</div>
    </div>
  )
}

/** What is said of one point, and of the span that ends there. */
export function words({ times, series, unit, zone, interval }: Drawing, index: number, anchor: number | null): string {
  const figures = series.map((line) => {
    const said = figure(line, index, unit)
    return `${line.label} ${said === '–' ? 'no data' : said}`
  })
  const name = (i: number): string => moment(times[i]!, zone, interval)
  const selected = anchor === null ? '' : ` Selected ${Math.abs(index - anchor) + 1} points from ${name(Math.min(index, anchor))}; Enter shows them.`
  return `${name(index)}: ${figures.join(', ')}.${selected}`
}
