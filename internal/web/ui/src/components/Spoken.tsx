import { signal, type Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext, useEffect } from 'preact/hooks'

/** What one panel has to say, if anything, and whether that may still change by itself. */
interface Word {
  text: string | undefined
  waits: boolean
}

/** What the panels of a page have to say, by their names. */
export type Words = Signal<ReadonlyMap<string, Word>>

export const noWords = (): Words => signal(new Map())

/** Where panels say it: the overview, or what stands in front of it. */
export const Page = createContext(noWords())

/** Says something by the page's one voice: what each panel said by itself would be the same sentence eight times. */
export function useWords(panel: string, text: string | undefined, waits: boolean): void {
  const words = useContext(Page)
  useEffect(() => {
    words.value = new Map(words.peek()).set(panel, { text, waits })
  }, [words, panel, text, waits])
  useEffect(
    () => () => {
      const others = new Map(words.peek())
      others.delete(panel)
      words.value = others
    },
    [words, panel],
  )
}

/** What is heard of all panels; belongs into a live region. */
export function Spoken() {
  return <span class="visually-hidden">{spoken([...useContext(Page).value.values()])}</span>
}

/** One sentence for everything that panels say alike. While any of them waits, only that is said. */
function spoken(words: readonly Word[]): string {
  const waiting = words.filter(({ waits }) => waits)
  if (waiting.length > 0) return waiting.find(({ text }) => text !== undefined)?.text ?? ''
  const counts = new Map<string, number>()
  for (const { text } of words) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].map(([text, n]) => `${text}: ${n} of ${words.length} panels.`).join(' ')
}
