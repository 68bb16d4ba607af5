import { brief } from '../chart/axis'
import { coarse, type Bucket } from '../chart/histogram'
import { count, milliseconds } from '../format'

export interface HistogramProps {
  buckets: readonly Bucket[]
}

const bars = 40
const height = 100

/** How many requests took how long, from the fastest to the slowest on a logarithmic axis. */
export function Histogram({ buckets }: HistogramProps) {
  const list = coarse(buckets, bars)
  const most = Math.max(1, ...list.map((b) => b.count))
  const ms = (x: number): string => brief(milliseconds(x))
  const marks = [0, 1, 2, 3, 4].map((i) => list[Math.min(Math.floor((i * list.length) / 4), list.length - 1)]).map((b, i) => (b ? ms(i < 4 ? b.low_ms : b.high_ms) : ''))
  return (
    <div class="histogram" aria-hidden="true">
      <svg viewBox={`0 0 ${Math.max(list.length, 1) * 10} ${height}`} preserveAspectRatio="none">
        {list.map((b, i) => {
          const tall = b.count === 0 ? 0 : Math.max((b.count / most) * height, 1.5)
          return (
            <rect key={i} class="histogram-bar" x={i * 10 + 0.75} width="8.5" y={height - tall} height={tall}>
              <title>{`${ms(b.low_ms)} to ${ms(b.high_ms)}: ${count(b.count)}`}</title>
            </rect>
          )
        })}
      </svg>
      <div class="histogram-axis">{marks.map((mark, i) => <span key={i}>{mark}</span>)}</div>
    </div>
  )
}
