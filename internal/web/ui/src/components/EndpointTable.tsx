import { useMemo } from 'preact/hooks'
import { toQuery } from '../address'
import type { Endpoint } from '../api'
import { milliseconds, percent } from '../format'
import { change, loaded, open } from '../state'
import type { Column } from '../table'
import { DataTable } from './DataTable'

export interface EndpointTableProps {
  rows: readonly Endpoint[]
  total: number // requests of all endpoints
}

/** Every endpoint of the range; its sort and filter are part of the view. */
export function EndpointTable({ rows, total }: EndpointTableProps) {
  const columns = useMemo(() => endpointColumns(total), [total])
  const view = loaded.value
  return (
    <DataTable
      name="Endpoints"
      columns={columns}
      rows={rows}
      id={(e) => `${e.method} ${e.endpoint}`}
      sort={view.sort}
      onSort={(sort) => open({ sort })}
      filter={view.filter}
      onFilter={(filter) => open({ filter })}
      onOpen={({ method, endpoint }) => open({ endpoint: { method, endpoint } })}
      href={({ method, endpoint }) => location.pathname + toQuery(change(view, { endpoint: { method, endpoint } }))}
    />
  )
}

/** Every figure that the API has of an endpoint, under its names there. */
export function endpointColumns(total: number): readonly Column<Endpoint>[] {
  const time = (key: `${string}_response_time_ms` & keyof Endpoint, label: string, title: string): Column<Endpoint> =>
    ({ key, label, title, value: (e) => e[key], text: (e) => milliseconds(e[key]), numeric: true })
  return [
    { key: 'endpoint', label: 'Endpoint', value: (e) => e.endpoint },
    { key: 'method', label: 'Method', value: (e) => e.method },
    { key: 'request_count', label: 'Requests', value: (e) => e.request_count, mark: (e) => <Share of={e.request_count} in={total} />, numeric: true },
    time('avg_response_time_ms', 'Avg', 'Average response time'),
    time('p50_response_time_ms', 'p50', 'Half of the requests took at most this long'),
    time('p95_response_time_ms', 'p95', '95 of 100 requests took at most this long'),
    time('p99_response_time_ms', 'p99', '99 of 100 requests took at most this long'),
    { key: 'error_rate', label: 'Error %', title: 'Share of the requests that failed', value: (e) => e.error_rate, text: (e) => percent(e.error_rate), numeric: true },
    { key: 'error_count', label: 'Errors', title: 'Requests that failed', value: (e) => e.error_count, numeric: true },
    { key: 'active_users', label: 'Users', title: 'Active users', value: (e) => e.active_users, numeric: true },
    { key: 'anonymous_requests', label: 'Anon.', title: 'Anonymous requests', value: (e) => e.anonymous_requests, numeric: true },
    time('min_response_time_ms', 'Min', 'Fastest response'),
    time('max_response_time_ms', 'Max', 'Slowest response'),
  ]
}

/** How much of a whole a count is, as a bar; at least a sliver of what there is. */
function Share(props: { of: number; in: number }) {
  const ratio = props.in > 0 ? Math.min(props.of / props.in, 1) : 0
  return (
    <svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={`${percent(ratio)} of all requests`}>
      <rect class="bar-track" width="100" height="1" />
      <rect class="bar-fill" width={props.of > 0 ? Math.max(ratio * 100, 2) : 0} height="1" />
    </svg>
  )
}
