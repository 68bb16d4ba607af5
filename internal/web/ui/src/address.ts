import { arrangeTable, change, defaults, rangeNames, type Range, type View, type Zone } from './view'

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
  if (sort.column !== defaults.sort.column || !sort.descending) query.set('sort', writeSort(sort))
  if (view.filter) query.set('filter', view.filter)
  for (const [name, one] of Object.entries(view.tables ?? {})) {
    if (one.sort) query.set(`sort.${name}`, writeSort(one.sort))
    if (one.filter) query.set(`filter.${name}`, one.filter)
  }
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
    sort: readSort(query.get('sort')) ?? defaults.sort,
    filter: query.get('filter') ?? '',
  }
  const page = query.get('page')
  if (page !== null) view.pageFilter = page
  const [method, endpoint] = [query.get('method'), query.get('endpoint')]
  if (method && endpoint) view.endpoint = { method, endpoint }
  return [...query].reduce(withTable, view)
}

/** The view with what one parameter, such as sort.errors, says of a table. */
function withTable(view: View, [parameter, value]: [string, string]): View {
  const [, what, name] = /^(sort|filter)\.([a-z][a-z-]*)$/.exec(parameter) ?? []
  if (!name) return view
  const read = what === 'sort' ? { sort: readSort(value) } : { filter: value }
  return change(view, arrangeTable(view, name, { ...view.tables?.[name], ...read }))
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

const writeSort = ({ column, descending }: View['sort']): string => (descending ? '-' : '') + column

function readSort(text: string | null): View['sort'] | undefined {
  const column = text?.replace(/^-/, '')
  return column ? { column, descending: text !== column } : undefined
}
