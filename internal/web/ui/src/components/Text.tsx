import { visible } from '../visible'

/** Untrusted text in a line of other text: it shows itself, and turns nothing around it. */
export function Text({ of }: { of: string }) {
  return <bdi>{visible(of)}</bdi>
}
