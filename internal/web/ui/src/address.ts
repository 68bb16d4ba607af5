import { defaults, rangeNames, type Range, type View, type Zone } from './view'

/** The query of the address that shows the view: '' for the defaults, else '?…'. */
export function toQuery(view: View): string {
  const query = new URLSearchParams()
  const { range, sort, endpoint } = view
  if (view.app) query.set('app', view.app)
  if ('name' in range) {
    if (range.name !== '24h') query.set('range', range.name)
  } else {
    query.set('start', range.start)
    query.set('end', range.end)
  }
  if (!view.compare) query.set('compare', 'no')
  if (view.anonymous) query.set('anonymous', 'yes')
  if (view.zone === 'utc') query.set('zone', 'utc')
  if (sort.column !== defaults.sort.column || !sort.descending) query.set('sort', (sort.descending ? '-' : '') + sort.column)
  if (view.filter) query.set('filter', view.filter)
  if (view.pageFilter !== undefined) query.set('page', view.pageFilter)
  if (endpoint) {
    query.set('method', endpoint.method)
    query.set('endpoint', endpoint.endpoint)
  }
  const text = query.toString()
  return text && `?${text}`
}

/** The view of a query; what cannot be read is as it is by default. */
export function fromQuery(text: string): View {
  const query = new URLSearchParams(text)
  const view: View = {
    app: query.get('app') ?? '',
    range: readRange(query),
    compare: query.get('compare') !== 'no',
    anonymous: query.get('anonymous') === 'yes',
    zone: (query.get('zone') === 'utc' ? 'utc' : 'local') satisfies Zone,
    sort: readSort(query.get('sort')),
    filter: query.get('filter') ?? '',
  }
  const page = query.get('page')
  if (page !== null) view.pageFilter = page
  const [method, endpoint] = [query.get('method'), query.get('endpoint')]
  if (method && endpoint) view.endpoint = { method, endpoint }
  return view
}

function readRange(query: URLSearchParams): Range {
  const [start, end] = [readTime(query.get('start')), readTime(query.get('end'))]
  if (start && end) return { start, end }
  return { name: rangeNames.find((name) => name === query.get('range')) ?? '24h' }
}

function readTime(text: string | null): string | undefined {
  const at = new Date(text ?? '')
  const year = at.getUTCFullYear() // a day's leeway for the zone that it is shown in
  return year > 1 && year < 9999 ? at.toISOString() : undefined
}

function readSort(text: string | null): View['sort'] {
  const column = text?.replace(/^-/, '')
  return column ? { column, descending: text !== column } : defaults.sort
}
