import type { ComponentChildren } from 'preact'
import type { Asked } from '../api'
import type { Sheet } from '../csv'

export interface PanelProps<T> {
  title: string
  testid: string // data-testid, panel-…
  answer: Asked<T>
  empty: (value: T) => boolean // true: there is nothing to show
  summary?: (value: T) => string // what a chart says, in words
  table?: (value: T) => Sheet // behind `Show as table`
  onRetry?: () => void
  children: (value: T) => ComponentChildren
}

/** One question's answer, in every state it can be in. */
export function Panel<T>(props: PanelProps<T>) {
  return <section data-testid={props.testid}><h2>{props.title}</h2></section>
}
