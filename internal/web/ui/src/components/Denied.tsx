import type { Failure } from '../api'

/** The whole page when the caller may not look. */
export function Denied({ failure }: { failure: Failure }) {
  return <main>{failure.message}</main>
}
