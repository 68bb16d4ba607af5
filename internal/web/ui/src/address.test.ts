import { expect, test } from 'vitest'
import { fromQuery, toQuery } from './address'
import { defaults, type View } from './view'

const views: Record<string, [View, string]> = {
  'the defaults': [defaults, ''],
  'an app with a name that needs escaping': [{ ...defaults, app: 'a&b=c d' }, '?app=a%26b%3Dc+d'],
  'a named range': [{ ...defaults, range: { name: '90d' } }, '?range=90d'],
  'a custom range': [
    { ...defaults, range: { start: '2026-10-01T00:00:00.000Z', end: '2026-10-02T12:30:00.000Z' } },
    '?start=2026-10-01T00%3A00%3A00.000Z&end=2026-10-02T12%3A30%3A00.000Z',
  ],
  'no comparison, anonymous users, UTC': [{ ...defaults, compare: false, anonymous: true, zone: 'utc' }, '?compare=no&anonymous=yes&zone=utc'],
  'a sort upwards': [{ ...defaults, sort: { column: 'endpoint', descending: false } }, '?sort=endpoint'],
  'a sort downwards': [{ ...defaults, sort: { column: 'error_rate', descending: true } }, '?sort=-error_rate'],
  'filters': [{ ...defaults, filter: '/orders', pageFilter: '/cart' }, '?filter=%2Forders&page=%2Fcart'],
  'pages without name': [{ ...defaults, pageFilter: '' }, '?page='],
  'other tables': [
    { ...defaults, tables: { errors: { sort: { column: 'users_affected', descending: true }, filter: '404' }, slowest: { filter: 'ada' } } },
    '?sort.errors=-users_affected&filter.errors=404&filter.slowest=ada',
  ],
  'an endpoint': [
    { ...defaults, endpoint: { method: 'GET', endpoint: '/orders/{id}' } },
    '?method=GET&endpoint=%2Forders%2F%7Bid%7D',
  ],
}

test.each(Object.entries(views))('%s', (_, [view, query]) => {
  expect(toQuery(view)).toBe(query)
  expect(fromQuery(query)).toEqual(view)
})

test.each(['?range=1y', '?start=yesterday&end=2026-10-02', '?start=2026-10-02', '?start=-271821-04-20T00:00:00Z&end=2026-10-02T00:00:00Z', '?sort=', '?sort=-', '?sort.errors=-&filter.errors=', '?sort.=-count&filter.__proto__=a', '?method=GET', '?zone=mars', '?other=1'])(
  '%s is what it is by default', (query) => {
    expect(fromQuery(query)).toEqual(defaults)
  })
