import type uPlot from 'uplot'
import type { Cursor } from './cursor'

const nothing = { left: 0, top: 0, width: 0, height: 0 }

/** Puts the cursor of a plot onto a point, and its selection between two. */
export function pointAt(plot: uPlot, { index, anchor }: Cursor): void {
  const at = (i: number): number => plot.valToPos(plot.data[0][i] ?? 0, 'x')
  if (index === null || index >= plot.data[0].length) {
    plot.setCursor({ left: -10, top: -10 }, false)
    plot.setSelect(nothing, false)
    return
  }
  const height = plot.over.clientHeight
  plot.setCursor({ left: at(index), top: height / 2 }, false)
  if (anchor === null) plot.setSelect(nothing, false)
  else plot.setSelect({ left: Math.min(at(index), at(anchor)), top: 0, width: Math.abs(at(index) - at(anchor)), height }, false)
}

/** The time of the cursor, over the labels of the time axis. */
export class TimeMark {
  private readonly mark = document.createElement('div')

  constructor(private readonly plot: HTMLElement) {
    this.mark.className = 'plot-time'
    this.mark.ariaHidden = 'true'
    this.mark.hidden = true
    plot.append(this.mark)
  }

  show(at: { left: number; words: string } | undefined): void {
    this.mark.hidden = !at
    if (!at) return
    this.mark.textContent = at.words
    const half = this.mark.offsetWidth / 2
    this.mark.style.left = `${Math.max(0, Math.min(at.left - half, this.plot.clientWidth - 2 * half))}px`
  }

  remove(): void {
    this.mark.remove()
  }
}
