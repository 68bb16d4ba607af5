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
  tables?: Readonly<Record<string, Arrangement>> // by name; the table of endpoints has sort and filter above
}

/** How a table is sorted and filtered, where that is not as it is at first. */
export interface Arrangement {
  sort?: { column: string; descending: boolean } | undefined
  filter?: string | undefined
}

/** What changes of a view; undefined takes a field out. */
export type Changes = { [K in keyof View]?: View[K] | undefined }

/** The ranges that have a name, shortest first. */
export const rangeNames: readonly RangeName[] = ['24h', '7d', '30d', '90d']

/** The view that an address without a query shows. */
export const defaults: View = {
  app: '',
  range: { name: '24h' },
  compare: true,
  anonymous: false,
  zone: 'local',
  sort: { column: 'avg_response_time_ms', descending: true },
  filter: '',
}

/** The view with another arrangement of one table; what is '' or undefined is as it is at first. */
export function arrangeTable(view: View, name: string, { sort, filter }: Arrangement): Changes {
  const { [name]: _, ...others } = view.tables ?? {}
  const one = { ...(sort && { sort }), ...(filter && { filter }) }
  const tables = Object.keys(one).length > 0 ? { ...others, [name]: one } : others
  return { tables: Object.keys(tables).length > 0 ? tables : undefined }
}

export function change(view: View, changes: Changes): View {
  const next: Record<string, unknown> = { ...view, ...changes }
  for (const key in next) if (next[key] === undefined) delete next[key]
  return next as unknown as View
}
