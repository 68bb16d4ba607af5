import { brief } from './axis'
import { milliseconds } from '../format'

/** Requests with a response time above `low_ms` and up to `high_ms`. */
export interface Bucket {
  low_ms: number
  high_ms: number
  count: number
}

/**
 * Buckets of one logarithmic width from the fastest to the slowest request,
 * empty ones included, at most `most` of them. Buckets of the answer, which
 * are 2 % wide, go where their middle lies; their counts are kept.
 */
export function coarse(buckets: readonly Bucket[], most: number): Bucket[] {
  const filled = buckets.filter((b) => b.count > 0)
  if (filled.length === 0) return []
  const low = Math.max(Math.min(...filled.map((b) => b.low_ms)), 0.001)
  const high = Math.max(...filled.map((b) => b.high_ms), low * 1.02)
  const n = Math.max(1, Math.min(most, Math.ceil(Math.log(high / low) / Math.log(1.1))))
  const edge = (i: number): number => low * (high / low) ** (i / n)
  const list = Array.from({ length: n }, (_, i) => ({ low_ms: edge(i), high_ms: edge(i + 1), count: 0 }))
  for (const b of filled) {
    const middle = Math.max((b.low_ms + b.high_ms) / 2, low)
    const i = Math.floor((Math.log(middle / low) / Math.log(high / low)) * n)
    list[Math.min(Math.max(i, 0), n - 1)]!.count += b.count
  }
  return list
}

/** A time so that the `wanted` slowest requests took at least as long, and few others did. */
export function slowest(buckets: readonly Bucket[], wanted: number): number {
  let seen = 0
  for (const b of [...buckets].sort((a, c) => c.low_ms - a.low_ms)) {
    seen += b.count
    if (seen >= wanted) return b.low_ms
  }
  return 0
}

/** The histogram in words: where most requests lie. */
export function histogramWords(buckets: readonly Bucket[]): string {
  const total = buckets.reduce((sum, b) => sum + b.count, 0)
  if (total === 0) return 'No requests.'
  const sorted = buckets.filter((b) => b.count > 0)
  const fullest = coarse(buckets, 24).reduce((a, b) => (b.count > a.count ? b : a))
  const ms = (x: number): string => brief(milliseconds(x))
  return `Response times from ${ms(sorted[0]!.low_ms)} to ${ms(sorted.at(-1)!.high_ms)}; most requests, ${Math.round((fullest.count / total) * 100)} of 100, took between ${ms(fullest.low_ms)} and ${ms(fullest.high_ms)}.`
}
