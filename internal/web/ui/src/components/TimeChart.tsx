import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { moment } from '../chart/axis'
import { Colours, onTheme } from '../chart/colours'
import { cursorOf, nowhere, press, span } from '../chart/cursor'
import { data, options, unsized, type Drawing } from '../chart/plot'
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
 * arrow keys and Enter, selects a span.
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
    let hovered = false
    const drawn = new uPlot(
      options(drawing, {
        colours,
        onPoint: (index) => {
          if (hovered) cursor.value = { index, anchor: null }
        },
        onSpan: onSelect ? take : undefined,
      }),
      data(drawing),
      parent,
    )
    drawn.over.addEventListener('mouseenter', () => (hovered = true))
    drawn.over.addEventListener('mouseleave', () => {
      hovered = false
      cursor.value = nowhere
    })
    const time = new TimeMark(parent)
    const follow = cursor.subscribe(({ index, anchor }) => {
      if (!hovered) point(drawn, index, anchor)
      const at = index === null ? undefined : times[index]
      time.show(at === undefined ? undefined : { left: drawn.over.offsetLeft + drawn.valToPos(Date.parse(at) / 1000, 'x'), words: moment(at, zone, interval) })
    })
    const resized = new ResizeObserver(() => drawn.setSize({ width: parent.clientWidth || unsized.width, height: parent.clientHeight || unsized.height }))
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

/** The time of the cursor, over the labels of the time axis. */
class TimeMark {
  private readonly mark = document.createElement('div')

  constructor(private readonly plot: HTMLElement) {
    this.mark.className = 'plot-time'
    this.mark.ariaHidden = 'true'
    this.mark.hidden = true
    plot.append(this.mark)
  }

  show(at: { left: number; words: string } | undefined): void {
    this.mark.hidden = at === undefined
    if (at === undefined) return
    this.mark.textContent = at.words
    const half = this.mark.offsetWidth / 2
    this.mark.style.left = `${Math.max(0, Math.min(at.left - half, this.plot.clientWidth - 2 * half))}px`
  }

  remove(): void {
    this.mark.remove()
  }
}

/** Puts the cursor of a plot onto a point, and its selection between two. */
function point(plot: uPlot, index: number | null, anchor: number | null): void {
  const at = (i: number): number => plot.valToPos(plot.data[0][i]!, 'x')
  if (index === null || index >= plot.data[0].length) {
    plot.setCursor({ left: -10, top: -10 }, false)
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    return
  }
  plot.setCursor({ left: at(index), top: plot.over.clientHeight / 2 }, false)
  const other = anchor === null ? index : at(anchor)
  const ends = anchor === null ? [0, 0] : [Math.min(other, at(index)), Math.max(other, at(index))]
  plot.setSelect({ left: ends[0]!, top: 0, width: ends[1]! - ends[0]!, height: anchor === null ? 0 : plot.over.clientHeight }, false)
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
