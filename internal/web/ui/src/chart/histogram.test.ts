import { expect, test } from 'vitest'
import { coarse, histogramWords, slowest, type Bucket } from './histogram'

const fine: Bucket[] = Array.from({ length: 200 }, (_, i) => ({ low_ms: 5 * 1.02 ** i, high_ms: 5 * 1.02 ** (i + 1), count: i % 7 }))
const total = (buckets: readonly Bucket[]): number => buckets.reduce((sum, b) => sum + b.count, 0)

test('coarse buckets hold every request', () => {
  const got = coarse(fine, 30)
  expect(got).toHaveLength(30)
  expect(total(got)).toBe(total(fine))
  expect(got[0]!.low_ms).toBeLessThanOrEqual(fine[1]!.low_ms)
})

test.each([
  ['none', [], 0],
  ['one', [{ low_ms: 10, high_ms: 10.2, count: 3 }], 1],
  ['one of no time', [{ low_ms: 0, high_ms: 0, count: 3 }], 1],
] as [string, Bucket[], number][])('%s', (_, buckets, want) => {
  const got = coarse(buckets, 30)
  expect(got).toHaveLength(want)
  expect(total(got)).toBe(total(buckets))
})

test('the slowest requests are found without asking for the others', () => {
  const buckets = [{ low_ms: 10, high_ms: 20, count: 900 }, { low_ms: 20, high_ms: 30, count: 8 }, { low_ms: 30, high_ms: 40, count: 4 }]
  expect(slowest(buckets, 10)).toBe(20)
  expect(slowest(buckets, 4)).toBe(30)
  expect(slowest(buckets, 5000)).toBe(0)
  expect(slowest([], 10)).toBe(0)
})

test('a histogram is told in words', () => {
  expect(histogramWords([])).toBe('No requests.')
  expect(histogramWords(fine)).toMatch(/^Response times from .* to .*; most requests, \d+ of 100, took between .* and .*\.$/)
})
