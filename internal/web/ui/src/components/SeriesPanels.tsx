import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { retry, series, valueOf, type Point, type TimeSeries } from '../api'
import type { Sheet } from '../csv'
import { compact, count, milliseconds, stamp, zoneName } from '../format'
import { loaded, type Zone } from '../state'
import { responseTimesWords, trafficWords, usageWords } from '../summary'
import { Panel } from './Panel'
import { percentiles, SeriesChart, traffic, use, type Field } from './SeriesChart'

// The charts over the range. They have one time axis and one cursor.
const sync = 'overview'

export function ResponseTimes() {
  const logarithmic = useSignal(false)
  return (
    <SeriesPanel
      title="Response times" testid="panel-response-times" fields={percentiles} words={responseTimesWords} unit={milliseconds} empty={(p) => !p.total_requests}
      logarithmic={logarithmic.value}
      tools={valueOf(series.value) && (
        <button
          type="button" class="button button-quiet" title="Logarithmic axis: small times are told apart beside large ones"
          aria-pressed={logarithmic.value} onClick={() => (logarithmic.value = !logarithmic.value)}
        >
          Log
        </button>
      )}
    />
  )
}

export function Traffic() {
  return <SeriesPanel title="Traffic" testid="panel-traffic" fields={traffic} words={trafficWords} unit={count} axis={compact} whole empty={(p) => !p.total_requests} />
}

export function UsageOverTime() {
  return <SeriesPanel title="Usage over time" testid="panel-usage" fields={use} words={usageWords} unit={count} axis={compact} whole empty={(p) => !p.total_events} />
}

interface SeriesPanelProps {
  title: string
  testid: string
  fields: readonly Field[]
  words: (value: TimeSeries, zone: Zone) => string
  unit: (value: number) => string
  axis?: (value: number) => string // where there is less room
  whole?: boolean
  logarithmic?: boolean
  tools?: ComponentChildren
  empty: (point: Point) => boolean
}

function SeriesPanel({ title, testid, fields, words, empty, tools, ...drawing }: SeriesPanelProps) {
  const { zone } = loaded.value
  return (
    <Panel
      title={title}
      testid={testid}
      answer={series.value}
      empty={(value) => value.data_points.every(empty)}
      summary={(value) => words(value, zone)}
      table={(value) => sheetOf(value, fields, drawing.whole ? '' : 'ms', zone)}
      onRetry={() => retry(series)}
      tools={tools}
    >
      {(value) => <SeriesChart title={title} value={value} fields={fields} sync={sync} {...drawing} />}
    </Panel>
  )
}

/** The figures of a chart, a row for each point. */
export function sheetOf(value: TimeSeries, fields: readonly Field[], unit: string, zone: Zone): Sheet {
  const named = value.interval === 'daily' ? 'utc' : zone
  return [
    [`Time (${zoneName(named)})`, ...fields.map(({ label }) => (unit ? `${label} (${unit})` : label))],
    ...value.data_points.map((point) => [stamp(point.timestamp, named), ...fields.map(({ of }) => rounded(of(point)))]),
  ]
}

const rounded = (value: number | null | undefined): number | null => (typeof value === 'number' ? Math.round(value * 100) / 100 : null)
