import { performance_, series, usage, valueOf, type Asked, type Performance, type Point, type TimeSeries, type Usage } from '../api'
import { ofAverage, ofCount, ofPercentile, ofRate } from '../change'
import { count, milliseconds, none, percent } from '../format'
import { Card, type CardProps } from './Card'

/** The six figures of the range, each with its change and its course. */
export function Cards() {
  const requests = performance_.value
  const events = usage.value
  return (
    <dl class="cards" aria-label="Summary">
      {cards(valueOf(requests), valueOf(events), valueOf(series.value)).map(({ of, ...card }) => {
        const asked: Asked<unknown> = of === 'requests' ? requests : events
        return <Card key={card.testid} {...card} state={valueOf(asked) === undefined ? asked.state : 'done'} />
      })}
    </dl>
  )
}

type Figures = Omit<CardProps, 'state'> & { of: 'requests' | 'events' }

/** The cards of these answers; one that is not there leaves its cards without value. */
export function cards(requests: Performance | undefined, events: Usage | undefined, course: TimeSeries | undefined): Figures[] {
  const now = requests?.metrics
  const before = requests?.previous?.complete ? requests.previous.metrics : undefined
  const eventsBefore = events?.previous?.complete ? events.previous.metrics.total_events : undefined
  const some = now !== undefined && now.total_requests > 0
  const someBefore = before !== undefined && before.total_requests > 0
  /** A figure of requests: nothing where there was no request. */
  const pair = (of: (m: Performance['metrics']) => number) => [some ? of(now) : null, someBefore ? of(before) : null] as const
  const values = (of: (point: Point) => number | null | undefined) => course?.data_points.map((point) => of(point) ?? null) ?? []
  return [
    {
      of: 'requests', testid: 'card-requests', label: 'Requests', value: count(now?.total_requests),
      note: now?.anonymous_requests ? `${count(now.anonymous_requests)} anonymous` : '',
      change: ofCount(now?.total_requests, before?.total_requests), sparkline: values((p) => p.total_requests),
    },
    {
      of: 'requests', testid: 'card-average', label: 'Average', value: some ? milliseconds(now.avg_response_time_ms) : none,
      change: ofAverage(...pair((m) => m.avg_response_time_ms)), sparkline: values((p) => p.avg_response_time_ms),
    },
    {
      of: 'requests', testid: 'card-p95', label: 'p95', value: some ? milliseconds(now.p95_response_time_ms) : none,
      change: ofPercentile(...pair((m) => m.p95_response_time_ms)), sparkline: values((p) => p.p95_response_time_ms),
    },
    {
      of: 'requests', testid: 'card-error-rate', label: 'Error rate', value: some ? percent(now.error_rate) : none,
      note: now ? `${count(now.error_count)} failed` : '',
      change: ofRate(...pair((m) => m.error_rate)), sparkline: values((p) => (p.total_requests ? p.error_rate : null)),
    },
    {
      of: 'requests', testid: 'card-users', label: 'Active users', value: count(now?.active_users),
      note: events ? `${count(events.metrics.active_users_current_hour)} in the current hour` : '',
      change: ofCount(now?.active_users, before?.active_users), sparkline: values((p) => p.active_users),
    },
    {
      of: 'events', testid: 'card-events', label: 'Events', value: count(events?.metrics.total_events),
      note: events?.metrics.failure_count ? `${count(events.metrics.failure_count)} failed` : '',
      change: ofCount(events?.metrics.total_events, eventsBefore), sparkline: values((p) => p.total_events),
    },
  ]
}
