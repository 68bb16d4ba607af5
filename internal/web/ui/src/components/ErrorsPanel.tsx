import { errors, retry } from '../api'
import { ErrorTable } from './ErrorTable'
import { Panel } from './Panel'

/** What failed, how often, and for how many people. */
export function ErrorsPanel() {
  return (
    <Panel
      title="Errors by type"
      testid="panel-errors"
      class="panel-table"
      answer={errors.value}
      empty={(value) => value.errors.length === 0}
      onRetry={() => retry(errors)}
    >
      {(value) => <ErrorTable rows={value.errors} />}
    </Panel>
  )
}
