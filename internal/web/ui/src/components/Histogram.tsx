import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { brief } from '../chart/axis'
import { nowhere, press } from '../chart/cursor'
import { coarse, type Bucket } from '../chart/histogram'
import { count, milliseconds } from '../format'

export interface HistogramProps {
  buckets: readonly Bucket[]
}

const bars = 40
const height = 100
const ms = (x: number): string => brief(milliseconds(x))

/**
 * How many requests took how long, from the fastest to the slowest on a
 * logarithmic axis. What the pointer or the arrow keys point at stands above,
 * and is read aloud for the keys.
 */
export function Histogram({ buckets }: HistogramProps) {
  const list = useMemo(() => coarse(buckets, bars), [buckets])
  const index = useSignal<number | null>(null)
  const spoken = useSignal('')
  const most = Math.max(1, ...list.map((b) => b.count))
  const here = index.value === null ? undefined : list[index.value]
  const onKey = (event: KeyboardEvent): void => {
    const step = press({ ...nowhere, index: index.value }, event.key, false, list.length)
    if (step.kind !== 'move') return
    event.preventDefault()
    index.value = step.cursor.index
    spoken.value = words(list[step.cursor.index!])
  }
  const leave = (): void => {
    index.value = null
    spoken.value = ''
  }
  return (
    <div class="histogram">
      <p class="legend" aria-hidden="true">{words(here)}</p>
      <div
        class="histogram-plot" tabIndex={0} role="application" aria-roledescription="histogram"
        aria-label="Distribution of response times. Arrow keys read the bars." onKeyDown={onKey} onBlur={leave} onMouseLeave={leave}
      >
        <svg viewBox={`0 0 ${Math.max(list.length, 1) * 10} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {list.map((b, i) => {
            const tall = b.count === 0 ? 0 : Math.max((b.count / most) * height, 1.5)
            return (
              <g key={i} class={i === index.value ? 'histogram-bar here' : 'histogram-bar'} onMouseEnter={() => (index.value = i)}>
                <rect class="histogram-slot" x={i * 10} width="10" y="0" height={height} />
                <rect class="histogram-fill" x={i * 10 + 0.75} width="8.5" y={height - tall} height={tall} />
              </g>
            )
          })}
        </svg>
      </div>
      <div class="histogram-axis" aria-hidden="true">{marks(list).map((mark, i) => <span key={i}>{mark}</span>)}</div>
      <div class="visually-hidden" role="status" aria-live="polite">{spoken}</div>
    </div>
  )
}

const words = (b: Bucket | undefined): string => (b ? `${ms(b.low_ms)} to ${ms(b.high_ms)}: ${count(b.count)} ${b.count === 1 ? 'request' : 'requests'}` : '')

/** Labels at both ends and between, evenly: the axis is logarithmic as the bars are. */
function marks(list: readonly Bucket[]): string[] {
  const [first, last] = [list[0], list.at(-1)]
  if (!first || !last) return []
  return [0, 0.25, 0.5, 0.75, 1].map((part) => ms(first.low_ms * (last.high_ms / first.low_ms) ** part))
}
