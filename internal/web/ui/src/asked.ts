import { useSignal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { loads, valueOf, type Asked } from './api'
import type { Failure } from './failure'

/** What to ask, and a key that is equal for equal questions; without key it cannot be asked yet. */
export interface Ask<T> {
  key: string | undefined
  ask: (aborted: AbortSignal) => Promise<T>
}

/** Asks while the component is there: at first, when the key changes, with every Refresh, and again on demand. */
export function useAsked<T>({ key, ask }: Ask<T>): { answer: Asked<T>; again: () => void } {
  const answer = useSignal<Asked<T>>({ state: 'loading', since: Date.now() })
  const asked = useRef<string | undefined>(undefined)
  const [tries, setTries] = useState(0)
  const round = loads.value
  useEffect(() => {
    if (key === undefined) return
    const previous = asked.current === key ? valueOf(answer.peek()) : undefined
    const kept = previous === undefined ? {} : { previous }
    asked.current = key
    const ends = new AbortController()
    answer.value = { state: 'loading', since: Date.now(), ...kept }
    ask(ends.signal).then(
      (value) => {
        if (!ends.signal.aborted) answer.value = { state: 'done', value, at: new Date() }
      },
      (failure: Failure) => {
        if (!ends.signal.aborted) answer.value = { state: 'failed', failure, ...kept }
      },
    )
    return () => ends.abort()
  }, [key, tries, round])
  return { answer: answer.value, again: () => setTries(tries + 1) }
}
