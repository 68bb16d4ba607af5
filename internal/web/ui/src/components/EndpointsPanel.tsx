import { performance_, retry } from '../api'
import { EndpointTable } from './EndpointTable'
import { Panel } from './Panel'

/** Every endpoint of the range, slowest first. */
export function EndpointsPanel() {
  return (
    <Panel
      title="Endpoints"
      testid="panel-endpoints"
      class="panel-table"
      answer={performance_.value}
      empty={({ endpoints }) => endpoints.length === 0}
      onRetry={() => retry(performance_)}
    >
      {({ endpoints, metrics }) => <EndpointTable rows={endpoints} total={metrics.total_requests} />}
    </Panel>
  )
}
