import { signal } from '@preact/signals'

export type RangeName = '24h' | '7d' | '30d' | '90d'
export type Range = { name: RangeName } | { start: string; end: string } // ends are ISO 8601, UTC, [start, end)
export type Zone = 'local' | 'utc'

/** A view is everything that the address bar holds, and nothing else decides what is shown. */
export interface View {
  app: string // empty: every app
  range: Range
  compare: boolean
  anonymous: boolean
  zone: Zone
  endpoint?: { method: string; endpoint: string }
  sort: { column: string; descending: boolean }
  filter: string
  pageFilter?: string
}

export const defaults: View = {
  app: '',
  range: { name: '24h' },
  compare: false,
  anonymous: false,
  zone: 'local',
  sort: { column: 'avg_response_time_ms', descending: true },
  filter: '',
}

/** What the panels show. */
export const loaded = signal<View>(defaults)

/** What the header's controls say; Refresh and Apply make it the loaded view. */
export const draft = signal<View>(defaults)

/** Shows a view at once and puts it into the history. A field given as undefined is taken out. */
export function open(view: Changes): void {
  const next = change(loaded.value, view)
  loaded.value = next
  draft.value = next
}

export type Changes = { [K in keyof View]?: View[K] | undefined }

export function change(view: View, changes: Changes): View {
  return Object.fromEntries(Object.entries({ ...view, ...changes }).filter(([, v]) => v !== undefined)) as unknown as View
}
