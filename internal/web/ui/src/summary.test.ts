import { expect, test } from 'vitest'
import type { Point, TimeSeries } from './api'
import { responseTimesWords, trafficWords, usageWords } from './summary'

const series = (...points: Omit<Point, 'timestamp'>[]): TimeSeries => ({
  time_range: 'custom', start_time: '2026-03-17T14:00:00Z', end_time: '2026-03-17T17:00:00Z', interval: 'hourly',
  data_points: points.map((p, i) => ({ timestamp: `2026-03-17T${14 + i}:00:00Z`, ...p })),
})

test('response times', () => {
  const got = responseTimesWords(series({ p95_response_time_ms: 80, p99_response_time_ms: 90 }, { p95_response_time_ms: null }, { p95_response_time_ms: 430, p99_response_time_ms: 2060 }), 'utc')
  expect(got).toBe('p50, p95 and p99 of response times at 3 points. p95 lies between 80.0 ms and 430 ms, highest on Tue 17 Mar, 16:00. p99 reaches 2.06 s. At 1 of them there were no requests.')
  expect(responseTimesWords(series({ p95_response_time_ms: null }), 'utc')).toBe('No requests.')
})

test('traffic', () => {
  expect(trafficWords(series({ total_requests: 1, error_count: 1 }, { total_requests: 999, error_count: 4 }), 'utc')).toBe('1,000 requests, of which 5 failed (0.50%). Most at once on Tue 17 Mar, 15:00: 999 requests.')
  expect(trafficWords(series({ total_requests: 1, error_count: 0 }), 'utc')).toContain('1 request, of which 0 failed')
  expect(trafficWords(series({ total_requests: 0 }), 'utc')).toBe('No requests.')
})

test('usage', () => {
  expect(usageWords(series({ total_events: 3, unique_users: 2 }, { total_events: 1500, unique_users: 40 }), 'utc')).toBe('1,503 events. Most at once on Tue 17 Mar, 15:00: 1,500. At most 40 users at once.')
  expect(usageWords(series({ total_events: 0 }), 'utc')).toBe('No events.')
})
