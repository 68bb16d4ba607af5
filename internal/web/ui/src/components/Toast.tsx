import { signal } from '@preact/signals'
import { Spoken } from './Spoken'

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

/** What is said in passing, and the voice of the page: the one place from which it speaks by itself. */
export function Toast() {
  // Here before its words are: what appears together with them may not be spoken.
  return (
    <div class="toast-place" role="status">
      <p class={message.value ? 'toast' : undefined} data-testid="toast">{message.value}</p>
      <Spoken />
    </div>
  )
}
