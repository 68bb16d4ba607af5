/** Keeps what happens many times a second until it rests. */
export interface Debounce {
  /** Calls f after 500 ms without another call for the key, which would take its place. */
  hold(key: string, f: () => void): void
  /** Calls all that is kept, now. */
  wake(): void
}

const rest = 500 // milliseconds

export function createDebounce(): Debounce {
  const kept = new Map<string, [f: () => void, timer: ReturnType<typeof setTimeout>]>()
  const wake = (key: string) => {
    const [f, timer] = kept.get(key)!
    clearTimeout(timer)
    kept.delete(key)
    f()
  }
  return {
    hold(key, f) {
      clearTimeout(kept.get(key)?.[1])
      kept.set(key, [f, setTimeout(wake, rest, key)])
    },
    wake: () => [...kept.keys()].forEach(wake),
  }
}
