/** Why a question has no answer. */
export interface Failure {
  kind: 'unauthenticated' | 'forbidden' | 'unverifiable' | 'unavailable' | 'invalid' | 'network'
  message: string
  hint?: string
  correlationId?: string
}

export const temporarilyUnavailable = 'Data temporarily unavailable'
const unverifiable = 'Unable to verify admin privileges'

/** The error shape of the API, of which a proxy in between may send nothing. */
interface ErrorBody {
  message?: unknown
  correlation_id?: unknown
  details?: { hint?: unknown }
}

/** Makes a failure of an answer with a status of 400 or above. */
export function refused(status: number, body: unknown): Failure {
  const { message, correlation_id, details } = (body ?? {}) as ErrorBody
  const said = text(message)
  const kind = kindOf(status, said)
  const failure: Failure = { kind, message: said ?? words[kind] }
  const [hint, correlationId] = [text(details?.hint), text(correlation_id)]
  if (hint) failure.hint = hint
  if (correlationId) failure.correlationId = correlationId
  return failure
}

function kindOf(status: number, message: string | undefined): Failure['kind'] {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 503 && message === unverifiable) return 'unverifiable'
  return status >= 500 || status === 429 ? 'unavailable' : 'invalid'
}

const words: Record<Failure['kind'], string> = {
  unauthenticated: 'A valid access token is required',
  forbidden: 'Administrator privileges required to access metrics',
  unverifiable,
  unavailable: temporarilyUnavailable,
  invalid: 'The server does not understand this question',
  network: 'The server cannot be reached',
}

/** No answer within the time that one may take. */
export const late = (): Failure => ({ kind: 'unavailable', message: temporarilyUnavailable })

/** No answer at all. */
export const unreachable = (): Failure => ({ kind: 'network', message: words.network })

/** An answer of something else than appmetrics: a page to sign in, most often. */
export const foreign = (): Failure => ({
  kind: 'network',
  message: 'Something else than appmetrics answered',
  hint: 'Reload the page: you may have to sign in again',
})

/** True for what concerns the whole page: who is asking. */
export const denies = (failure: Failure): boolean =>
  failure.kind === 'unauthenticated' || failure.kind === 'forbidden' || failure.kind === 'unverifiable'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
