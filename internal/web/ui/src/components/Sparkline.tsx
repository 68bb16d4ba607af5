import { lonely } from '../chart/cursor'

const width = 64
const height = 24

/** The course of a figure as one small line; what it says is said elsewhere too. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  if (values.every((v) => v === null)) return null
  const { line, dots } = sparkPaths(values)
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {line && <path d={line} />}
      {dots && <path class="sparkline-dots" d={dots} />}
    </svg>
  )
}

/** The path of a sparkline, broken where values are missing, and that of points without neighbours. */
export function sparkPaths(values: readonly (number | null)[]): { line: string; dots: string } {
  const most = Math.max(0, ...values.map((v) => v ?? 0)) || 1
  const alone = new Set(lonely(values))
  const at = (v: number, i: number): string => {
    const x = values.length < 2 ? width / 2 : 1 + ((width - 2) * i) / (values.length - 1)
    return `${x.toFixed(1)} ${(height - 2 - ((height - 4) * Math.max(v, 0)) / most).toFixed(1)}`
  }
  let line = ''
  let dots = ''
  values.forEach((v, i) => {
    if (v === null) return
    if (alone.has(i)) dots += `M${at(v, i)}h0`
    else line += `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${at(v, i)}`
  })
  return { line, dots }
}
