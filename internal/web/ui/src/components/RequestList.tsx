import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Request_ } from '../api'
import { shortMoment } from '../chart/axis'
import { milliseconds, zoneName } from '../format'
import { copy } from '../save'
import { arrangementOf, type Zone } from '../state'
import type { Column, Sort } from '../table'
import { visible } from '../visible'
import { DataTable } from './DataTable'
import { Text } from './Text'

export interface RequestListProps {
  id: string // of the table in addresses
  name: string
  requests: readonly Request_[]
  sort: Sort // at first
  zone: Zone
}

/** Single requests, each with the correlation id that finds it in logs. */
export function RequestList({ id, name, requests, sort, zone }: RequestListProps) {
  const columns = useMemo(() => requestColumns(zone), [zone])
  return <DataTable name={name} columns={columns} rows={requests} id={(request) => request.id} {...arrangementOf(id, sort)} />
}

/** What tells requests of one endpoint apart, under the names that the API has for it. */
function requestColumns(zone: Zone): readonly Column<Request_>[] {
  return [
    {
      key: 'timestamp', label: 'Time', title: `Time (${zoneName(zone)})`,
      value: (r) => r.timestamp, order: (r) => Date.parse(r.timestamp), text: (r) => shortMoment(r.timestamp, zone),
    },
    { key: 'response_time_ms', label: 'Took', value: (r) => r.response_time_ms, text: (r) => milliseconds(r.response_time_ms), numeric: true },
    // A name as much as a number: it can be filtered.
    { key: 'status_code', label: 'Status', value: (r) => String(r.status_code), cell: (r) => r.status_code >= 400 && <span class="bad">{r.status_code}</span> },
    { key: 'user_id', label: 'User', value: (r) => r.user_id ?? null, text: (r) => r.user_id ?? 'anonymous', cell: (r) => r.user_id === undefined && <span class="muted">anonymous</span> },
    { key: 'correlation_id', label: 'Correlation id', value: (r) => r.correlation_id ?? null, cell: (r) => r.correlation_id && <CorrelationId id={r.correlation_id} /> },
  ]
}

function CorrelationId({ id }: { id: string }) {
  const [said, say] = useState('')
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => say(''), 2_000)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <span class="correlation-id">
      <code title={visible(id)}><Text of={id} /></code>
      <button type="button" class="link" aria-label={`Copy correlation id ${visible(id)}`} onClick={async () => say((await copy(id)) ? 'Copied' : 'Not copied')}>
        {said || 'Copy'}
      </button>
      <span class="visually-hidden" role="status">{said}</span>
    </span>
  )
}
