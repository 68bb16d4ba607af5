import { useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Point, TimeSeries } from '../api'
import type { Line } from '../chart/plot'
import { loaded, open } from '../state'
import { TimeChart } from './TimeChart'

/** A line of a chart, and which field of the points it draws. */
export type Field = Omit<Line, 'values'> & { of: (point: Point) => number | null | undefined }

export interface SeriesChartProps {
  title: string
  value: TimeSeries
  fields: readonly Field[]
  unit: (value: number) => string
  axis?: (value: number) => string
  whole?: boolean
  logarithmic?: boolean
  sync: string
}

/** Fields of a time series over its range, in the zone of the view; a selected span becomes the range. */
export function SeriesChart({ title, value, fields, sync, ...drawing }: SeriesChartProps) {
  const zone = useComputed(() => loaded.value.zone).value
  const times = useMemo(() => value.data_points.map((p) => p.timestamp), [value])
  const lines = useMemo(() => fields.map(({ of, ...line }) => ({ ...line, values: value.data_points.map((p) => of(p) ?? null) })), [value, fields])
  return (
    <TimeChart
      {...drawing}
      title={title}
      times={times}
      series={lines}
      zone={zone}
      interval={value.interval}
      sync={sync}
      range={{ start: value.start_time, end: value.end_time }}
      onSelect={(start, end) => open({ range: { start, end } })}
    />
  )
}

export const percentiles: readonly Field[] = [
  { label: 'p50', colour: 'p50', dash: [0.1, 4], of: (p) => p.p50_response_time_ms },
  { label: 'p95', colour: 'p95', of: (p) => p.p95_response_time_ms },
  { label: 'p99', colour: 'p99', dash: [7, 4], of: (p) => p.p99_response_time_ms },
]

export const traffic: readonly Field[] = [
  { label: 'Requests', colour: 'requests', kind: 'bars', of: (p) => p.total_requests },
  { label: 'Failed', colour: 'failed', kind: 'bars', of: (p) => p.error_count },
]

export const use: readonly Field[] = [
  { label: 'Events', colour: 'events', kind: 'bars', of: (p) => p.total_events },
  { label: 'Users', colour: 'users', right: true, of: (p) => p.unique_users },
]
