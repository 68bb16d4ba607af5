import { expect, test } from 'vitest'
import { ofAverage, ofCount, ofPercentile, ofRate } from './change'

test.each([
  ['more time is worse', ofAverage(112.5, 100), '+12.5%', 'worse'],
  ['less time is better', ofAverage(90, 100), '-10.0%', 'better'],
  ['what reads as nothing is not judged', ofAverage(100.04, 100), '0%', 'none'],
  ['growth from nought has no ratio', ofAverage(5, 0), 'new', 'none'],
  ['a hundredfold', ofAverage(20_000, 100), '>+9,999%', 'worse'],
  ['thousands', ofAverage(2_345, 100), '+2,245%', 'worse'],
  ['more traffic is neither', ofCount(200, 100), '+100%', 'none'],
  ['less traffic is neither', ofCount(50, 100), '-50.0%', 'none'],
  ['nothing at all', ofCount(0, 0), '0%', 'none'],
  ['more errors are worse', ofRate(0.0123, 0.01), '+0.23 pp', 'worse'],
  ['fewer errors are better', ofRate(0, 0.2), '-20.0 pp', 'better'],
  ['too few to be seen', ofRate(0.010001, 0.01), '0 pp', 'none'],
  ['a percentile within its error', ofPercentile(102, 100), '0%', 'none'],
  ['the same downwards', ofPercentile(100, 102), '0%', 'none'],
  ['a percentile beyond its error', ofPercentile(102.1, 100), '+2.1%', 'worse'],
  ['and downwards', ofPercentile(100, 103), '-2.9%', 'better'],
  ['percentiles of nought', ofPercentile(0, 0), '0%', 'none'],
])('%s', (_, got, words, verdict) => {
  expect(got).toEqual({ words, verdict })
})

test('what is missing on one side is no change', () => {
  expect([ofCount(null, 1), ofAverage(1, null), ofPercentile(null, null), ofRate(1, null)]).toEqual([undefined, undefined, undefined, undefined])
})
