import type { Line } from '../chart/plot'

export interface LegendProps {
  series: readonly Line[]
  unit: (value: number) => string
  index: number | null // the point that is pointed at
}

/** Which line is which, and what each says at the cursor. */
export function Legend({ series, unit, index }: LegendProps) {
  return (
    <ul class="legend" aria-hidden="true">
      {series.map((line) => (
        <li key={line.label}>
          <svg class={`swatch draw-${line.colour}`} viewBox="0 0 18 10">
            {line.kind === 'bars' ? (
              <rect x="4" y="0" width="10" height="10" rx="2" stroke="none" />
            ) : (
              <line x1="1" y1="5" x2="17" y2="5" stroke-linecap="round" stroke-dasharray={line.dash?.join(' ')} />
            )}
          </svg>
          {line.label}{line.right && ' (right)'}
          {index !== null && <b>{figure(line, index, unit)}</b>}
        </li>
      ))}
    </ul>
  )
}

/** What one line says at one point. */
export function figure(line: Line, index: number, unit: (value: number) => string): string {
  const value = line.values[index]
  return value === null || value === undefined ? '–' : unit(value)
}
