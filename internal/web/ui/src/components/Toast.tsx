import { signal } from '@preact/signals'

const message = signal('')
let timer: ReturnType<typeof setTimeout> | undefined

/** How long a toast stays, in milliseconds: long enough to be read twice. */
const stay = 8_000

/** Says something in passing. */
export function toast(text: string): void {
  clearTimeout(timer)
  message.value = text
  timer = setTimeout(() => (message.value = ''), stay)
}

export function Toast() {
  // Here before its words are: what appears together with them may not be spoken.
  return <div class={message.value ? 'toast' : 'visually-hidden'} role="status" data-testid="toast">{message.value}</div>
}
