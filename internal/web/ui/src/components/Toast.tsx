import { signal } from '@preact/signals'

const message = signal('')

export function toast(text: string): void {
  message.value = text
}

export function Toast() {
  return <div role="status">{message.value}</div>
}
