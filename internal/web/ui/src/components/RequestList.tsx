import { useEffect, useState } from 'preact/hooks'
import type { Request_ } from '../api'
import { shortMoment } from '../chart/axis'
import { date, milliseconds } from '../format'
import { copy } from '../save'
import type { Zone } from '../state'
import { visible } from '../visible'
import { Text } from './Text'

export interface RequestListProps {
  name: string
  requests: readonly Request_[]
  zone: Zone
}

/** Single requests, each with the correlation id that finds it in logs. */
export function RequestList({ name, requests, zone }: RequestListProps) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={name}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="number">Took</th>
            <th scope="col">Status</th>
            <th scope="col">User</th>
            <th scope="col">Correlation id</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.id}>
              <td title={date(request.timestamp, zone)}>{shortMoment(request.timestamp, zone)}</td>
              <td class="number">{milliseconds(request.response_time_ms)}</td>
              <td class={request.status_code >= 400 ? 'bad' : undefined}>{request.status_code}</td>
              <td class="user" title={request.user_id && visible(request.user_id)}>{request.user_id ? <Text of={request.user_id} /> : <span class="muted">anonymous</span>}</td>
              <td>{request.correlation_id ? <CorrelationId id={request.correlation_id} /> : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
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
      <code title={id}><Text of={id} /></code>
      <button type="button" class="link" aria-label={`Copy correlation id ${id}`} onClick={async () => say((await copy(id)) ? 'Copied' : 'Not copied')}>
        {said || 'Copy'}
      </button>
      <span class="visually-hidden" role="status">{said}</span>
    </span>
  )
}
