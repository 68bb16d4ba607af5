import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The one row of a table that Tab reaches; the arrow keys move on from it. */
export interface ActiveRow {
  index: number
  onFocus: (index: number) => void
  onKeyDown: (event: KeyboardEvent) => void
}

const pageOfRows = 20

/** Moves through a table by keyboard, so that a thousand rows are one stop of Tab. Arranged anew, it begins at the first row. */
export function useActiveRow(total: number, box: RefObject<HTMLElement | null>, arrangement: string): ActiveRow {
  const [active, setActive] = useState({ arrangement, index: 0 })
  const moved = useRef(false)
  const index = active.arrangement === arrangement ? Math.max(Math.min(active.index, total - 1), 0) : 0

  useLayoutEffect(() => {
    if (!moved.current) return
    moved.current = false
    box.current?.querySelector<HTMLElement>(`tr[data-row="${index}"] .row-link`)?.focus()
  }, [index, box])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const next = target(event.key, index, total)
    if (next === undefined) return
    event.preventDefault()
    if (next === index) return
    moved.current = true
    setActive({ arrangement, index: next })
  }
  return { index, onFocus: (row) => setActive({ arrangement, index: row }), onKeyDown }
}

function target(key: string, index: number, total: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: 1, ArrowUp: -1, PageDown: pageOfRows, PageUp: -pageOfRows, Home: -total, End: total,
  }
  const step = steps[key]
  return step === undefined ? undefined : Math.max(Math.min(index + step, total - 1), 0)
}
