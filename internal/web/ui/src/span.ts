import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { Span } from './table'

/** Tables of more rows than this hold only those in sight, and some around them. */
export const fewRows = 100

/** Rows that are there before it is known what is in sight: as many as most windows show, and some. */
const atFirst = 30

const around = 20
const usualHeight = 26

/**
 * The rows of a long table that should be there: those in sight. All of them
 * once the viewer searches in the page or prints it, since both know only what
 * is there; until the table is arranged anew.
 */
export function useSpan(total: number, box: RefObject<HTMLElement | null>, arrangement: string): Span {
  const [span, setSpan] = useState<Span>({ from: 0, to: atFirst })
  const [whole, setWhole] = useState<string>() // the arrangement that was searched
  const long = total > fewRows && whole !== arrangement

  useLayoutEffect(() => {
    if (!long) return
    const look = (): void => {
      const next = box.current && inSight(box.current, total)
      if (next) setSpan((last) => (last.from === next.from && last.to === next.to ? last : next))
    }
    // It looks at once, too, when the layout is there anyhow.
    const resized = new ResizeObserver(look)
    if (box.current) resized.observe(box.current)
    // Captured, because the page or any box around the table may be what scrolls.
    document.addEventListener('scroll', look, { capture: true, passive: true })
    window.addEventListener('resize', look)
    return () => {
      resized.disconnect()
      document.removeEventListener('scroll', look, { capture: true })
      window.removeEventListener('resize', look)
    }
  }, [long, total, box])

  useEffect(() => {
    if (!long) return
    const showAll = (): void => setWhole(arrangement)
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'F3' || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f')) showAll()
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('beforeprint', showAll)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('beforeprint', showAll)
    }
  }, [long, arrangement])

  if (!long) return { from: 0, to: total }
  const to = Math.min(span.to, total)
  return { from: Math.min(span.from, to), to }
}

/** The rows between the upper and the lower end of what is in sight, and some around; in steps, so that not every pixel counts. */
function inSight(box: HTMLElement, total: number): Span | undefined {
  const body = box.querySelector('tbody')
  if (!body) return undefined
  const heights = [...body.querySelectorAll<HTMLElement>('tr[data-row]')].slice(0, 5).map((row) => row.offsetHeight)
  const height = heights.length > 0 ? Math.min(...heights) || usualHeight : usualHeight
  box.style.setProperty('--row-height', `${height}px`) // of which the gaps are multiples
  const top = body.getBoundingClientRect().top
  const frame = box.getBoundingClientRect()
  const first = (Math.max(frame.top, 0) - top) / height
  const last = (Math.min(frame.bottom, window.innerHeight) - top) / height
  const step = (rows: number): number => Math.min(Math.max(Math.floor(rows / 10) * 10, 0), total)
  const to = Math.max(step(last + around + 10), step(around))
  return { from: Math.min(step(first - around), to), to }
}
