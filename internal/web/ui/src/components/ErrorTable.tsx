import { useMemo } from 'preact/hooks'
import { toQuery } from '../address'
import type { ErrorGroup } from '../api'
import { stamp, zoneName } from '../format'
import { arrangementOf, change, loaded, open, type Zone } from '../state'
import type { Column } from '../table'
import { DataTable } from './DataTable'

/** The failed requests by type, with the people whom they met; a row opens its endpoint. */
export function ErrorTable({ rows }: { rows: readonly ErrorGroup[] }) {
  const view = loaded.value
  const columns = useMemo(() => errorColumns(view.zone), [view.zone])
  return (
    <DataTable
      name="Errors by type"
      columns={columns}
      rows={rows}
      id={(e) => `${e.method} ${e.endpoint} ${e.error_type}`}
      {...arrangementOf('errors', mostFirst)}
      onOpen={({ method, endpoint }) => open({ endpoint: { method, endpoint } })}
      href={({ method, endpoint }) => location.pathname + toQuery(change(view, { endpoint: { method, endpoint } }))}
    />
  )
}

const mostFirst = { column: 'count', descending: true }

/** Every figure that the API has of failed requests, under its names there; times in the zone that their heads name. */
export function errorColumns(zone: Zone): readonly Column<ErrorGroup>[] {
  const time = (key: 'first_seen' | 'last_seen', label: string): Column<ErrorGroup> =>
    ({ key, label: `${label} (${zoneName(zone)})`, value: (e) => e[key], order: (e) => Date.parse(e[key]), text: (e) => stamp(e[key], zone) })
  return [
    { key: 'error_type', label: 'Type', value: (e) => e.error_type, text: (e) => e.error_type || 'no type' },
    { key: 'count', label: 'Count', value: (e) => e.count, numeric: true },
    { key: 'users_affected', label: 'People', value: (e) => e.users_affected, numeric: true },
    { key: 'endpoint', label: 'Endpoint', value: (e) => e.endpoint },
    { key: 'method', label: 'Method', value: (e) => e.method },
    time('last_seen', 'Last seen'),
    time('first_seen', 'First seen'),
  ]
}
