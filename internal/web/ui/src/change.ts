import { change, none, points, type Figure } from './format'

/** What a change means to the reader; none: neither good nor bad, or no change at all. */
export type Verdict = 'better' | 'worse' | 'none'

/** A figure against the same figure of the period before. */
export interface Change {
  words: string // +12.5%, -0.10 pp, new
  verdict: Verdict
}

/** Percentiles are within 1 % of the exact value, so those of equal samples can differ by this factor. */
const percentileError = (1.01 / 0.99) * (1 + 1e-9)

/** A change of something that is neither good nor bad by itself: traffic, users. */
export const ofCount = (now: Figure, before: Figure): Change | undefined => judged(change(now, before), () => 'none')

/** A change of an exact time, of which less is better. */
export const ofAverage = (now: Figure, before: Figure): Change | undefined => judged(change(now, before))

/** A change of a percentile: within the error of both its values it is no change. */
export const ofPercentile = (now: Figure, before: Figure): Change | undefined =>
  judged(within(now, before) ? '0%' : change(now, before))

/** A change of a ratio of 0 to 1 in percentage points: of a ratio, "100% more" may mean one request. */
export const ofRate = (now: Figure, before: Figure): Change | undefined => judged(points(now, before))

const within = (now: Figure, before: Figure): boolean =>
  typeof now === 'number' && typeof before === 'number' && Math.max(now, before) <= percentileError * Math.min(now, before)

const lessIsBetter = (words: string): Verdict => {
  const sign = words.replace('>', '')[0]
  return sign === '+' ? 'worse' : sign === '-' ? 'better' : 'none'
}

/** Judges by the sign that the reader sees, so that what reads as no change is not judged either. */
const judged = (words: string, judge = lessIsBetter): Change | undefined =>
  words === none ? undefined : { words, verdict: judge(words) }
