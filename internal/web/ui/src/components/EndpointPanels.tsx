import type { Asked, Errors, Performance, Request_, TimeSeries } from '../api'
import { histogramWords } from '../chart/histogram'
import { affected, type Found } from '../endpoint'
import { count, date, milliseconds, stamp } from '../format'
import type { Zone } from '../state'
import { responseTimesWords } from '../summary'
import { visible } from '../visible'
import { Bars, type Bar } from './Bars'
import { Histogram } from './Histogram'
import { Panel } from './Panel'
import { RequestList, type RequestListProps } from './RequestList'
import { percentiles, SeriesChart } from './SeriesChart'
import { sheetOf } from './SeriesPanels'
import { Text } from './Text'

interface Answer<T> {
  answer: Asked<T>
  again: () => void
}

export interface EndpointPanelsProps {
  figures: Answer<Performance>
  course: Answer<TimeSeries>
  errors: Answer<Errors>
  failing: Answer<Found>
  slowest: Answer<Found>
  zone: Zone
}

/** What is known of one endpoint. */
export function EndpointPanels({ figures, course, errors, failing, slowest, zone }: EndpointPanelsProps) {
  return (
    <>
      <div class="sheet-pair">
        <Panel
          title="Distribution of response times" testid="panel-histogram" answer={figures.answer} onRetry={figures.again}
          empty={({ histogram }) => !histogram?.length}
          summary={({ histogram = [] }) => histogramWords(histogram)}
          table={({ histogram = [] }) => [
            ['Above (ms)', 'Up to (ms)', 'Requests'],
            ...histogram.map((b) => [b.low_ms, b.high_ms, b.count]),
          ]}
        >
          {({ histogram = [] }) => <Histogram buckets={histogram} />}
        </Panel>
        <Panel
          title="Response times" testid="panel-endpoint-times" answer={course.answer} onRetry={course.again}
          empty={({ data_points }) => data_points.every((p) => !p.total_requests)}
          summary={(value) => responseTimesWords(value, zone)}
          table={(value) => sheetOf(value, percentiles, 'ms', zone)}
        >
          {(value) => <SeriesChart title="Response times" value={value} fields={percentiles} unit={milliseconds} sync="endpoint" />}
        </Panel>
      </div>
      <div class="sheet-pair">
        <Panel
          title="Status codes" testid="panel-status-codes" answer={figures.answer} onRetry={figures.again}
          empty={({ status_codes }) => Object.keys(status_codes).length === 0}
          table={({ status_codes, metrics }) => [
            ['Status', 'Requests', 'Share (%)'],
            ...statusRows(status_codes).map((row) => [row.title, row.value, (100 * row.value) / metrics.total_requests]),
          ]}
        >
          {({ status_codes, metrics }) => <Bars name="Status codes" kind="requests" rows={statusRows(status_codes)} total={metrics.total_requests} />}
        </Panel>
        <WhoWasAffected errors={errors} failing={failing} zone={zone} />
      </div>
      <div class="sheet-pair">
        <Panel
          title="Slowest requests" testid="panel-slowest" class="panel-table panel-requests" empty={({ requests }) => requests.length === 0}
          {...askedAfter(figures, slowest)}
        >
          {(found) => <Requests id="slowest" name="Slowest requests" of={found} sort={slowestFirst} zone={zone} />}
        </Panel>
        <Panel
          title="Newest failing requests" testid="panel-failing" class="panel-table panel-requests" empty={({ requests }) => requests.length === 0}
          answer={failing.answer} onRetry={failing.again}
        >
          {(found) => <Requests id="failing" name="Newest failing requests" of={found} sort={newestFirst} zone={zone} />}
        </Panel>
      </div>
      <p class="panel-note">Single requests are kept for 7 days.</p>
    </>
  )
}

const slowestFirst = { column: 'response_time_ms', descending: true }
const newestFirst = { column: 'timestamp', descending: true }

/** Single requests, and whether these are all. */
function Requests({ of: { requests, whole }, ...list }: Omit<RequestListProps, 'requests'> & { of: Found }) {
  return (
    <>
      <RequestList {...list} requests={requests} />
      {!whole && <p class="panel-note">Of the newest requests; there are too many to look at all.</p>}
    </>
  )
}

/** The slowest requests are asked for once the figures are there: without those, their failure is the answer. */
function askedAfter({ answer, again }: Answer<Performance>, after: Answer<Found>): { answer: Asked<Found>; onRetry: () => void } {
  if (answer.state === 'failed' && !answer.previous) return { answer: { state: 'failed', failure: answer.failure }, onRetry: again }
  return { answer: after.answer, onRetry: after.again }
}

function WhoWasAffected({ errors, failing, zone }: Pick<EndpointPanelsProps, 'errors' | 'failing' | 'zone'>) {
  return (
    <Panel
      title="Who was affected" testid="panel-affected" answer={errors.answer} onRetry={errors.again} empty={(value) => value.errors.length === 0}
      table={(value) => [
        ['Error', 'Requests', 'Users', 'First', 'Last'],
        ...value.errors.map((e) => [e.error_type, e.count, e.users_affected, date(e.first_seen, zone), date(e.last_seen, zone)]),
      ]}
    >
      {(value) => (
        <>
          <ul class="error-types">
            {value.errors.map((e) => (
              <li key={e.error_type}>
                <code><Text of={e.error_type} /></code>
                <span class="muted">{`${number(e.count, 'request')}, ${number(e.users_affected, 'user')}, last ${stamp(e.last_seen, zone)}`}</span>
              </li>
            ))}
          </ul>
          {failing.answer.state === 'done' && <People {...failing.answer.value} />}
        </>
      )}
    </Panel>
  )
}

/** Who sent the failed requests that are kept singly. */
function People({ requests, whole }: Found) {
  return (
    <>
      <Bars name="Failed requests by user" kind="failed" rows={people(requests)} />
      {!whole && <p class="panel-note">{`Users of the newest ${count(requests.length)} failed requests.`}</p>}
    </>
  )
}

const number = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`

const people = (failing: readonly Request_[]): Bar[] =>
  affected(failing).map(({ user, count: value }) => ({
    key: user ?? '',
    label: user === undefined ? <span class="muted">anonymous</span> : <Text of={user} />,
    title: user === undefined ? 'anonymous' : visible(user),
    value,
  }))

const statusRows = (codes: Readonly<Record<string, number>>): Bar[] =>
  Object.entries(codes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, value]) => ({ key: code, label: code, title: code, value, failed: Number(code) >= 400 }))
