import { load, type Failure } from '../api'
import { visible } from '../visible'

const titles: Partial<Record<Failure['kind'], string>> = {
  unauthenticated: 'Sign in required',
  forbidden: 'Admin access required',
  unverifiable: 'Unable to verify admin privileges',
}

const advice: Partial<Record<Failure['kind'], string>> = {
  unauthenticated: 'Sign in where this page comes from, then try again.',
  forbidden: 'Only administrators see the metrics. Ask one of them to add you to an administrators group; it counts within five minutes.',
  unverifiable: 'The service that knows the administrators does not answer at the moment. Nothing is wrong with your account.',
}

/** The whole page when the caller may not look, or nobody can say whether they may. */
export function Denied({ failure }: { failure: Failure }) {
  const title = titles[failure.kind]
  return (
    <main class="denied" data-testid="denied" tabIndex={-1}>
      <div role="alert">
        <h2>{title}</h2>
        {failure.message !== title && <p>{visible(failure.message)}</p>}
      </div>
      <p>{advice[failure.kind]}</p>
      {failure.hint && <p class="notice">{visible(failure.hint)}</p>}
      <button type="button" class="button button-primary" onClick={() => void load()}>Try again</button>
      {failure.correlationId && <p class="correlation">Correlation id {visible(failure.correlationId)}</p>}
    </main>
  )
}
