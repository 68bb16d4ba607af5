import { beforeEach, expect, test } from 'vitest'
import { apply, arrangeAs, change, choose, draft, followAddress, loaded, open, pending } from './state'
import { defaults } from './view'

followAddress()

beforeEach(() => {
  history.replaceState(null, '', '/metrics')
  dispatchEvent(new PopStateEvent('popstate'))
})

test('a change keeps the rest of the view, and undefined takes a field out', () => {
  const opened = change(defaults, { endpoint: { method: 'GET', endpoint: '/orders' } })
  expect(opened).toEqual({ ...defaults, endpoint: { method: 'GET', endpoint: '/orders' } })
  expect(change(opened, { endpoint: undefined })).toEqual(defaults)
})

test('what the controls say is shown when it is applied, not before', () => {
  choose({ range: { name: '7d' }, anonymous: true })
  expect([loaded.value, location.search, pending.value]).toEqual([defaults, '', true])
  apply()
  expect(loaded.value).toEqual({ ...defaults, range: { name: '7d' }, anonymous: true })
  expect([location.search, pending.value]).toEqual(['?range=7d&anonymous=yes', false])
})

test('what is opened is shown at once, and the controls keep what was not applied', () => {
  choose({ app: 'shop' })
  open({ sort: { column: 'endpoint', descending: false } })
  expect(loaded.value).toEqual({ ...defaults, sort: { column: 'endpoint', descending: false } })
  expect([draft.value.app, draft.value.sort.column, pending.value]).toEqual(['shop', 'endpoint', true])
})

test('every view that is opened is a step in the history, letters of a filter are not', () => {
  const steps = history.length
  open({ zone: 'utc' })
  open({ zone: 'utc' })
  expect(history.length).toBe(steps + 1)
  open({ filter: 'o' })
  open({ filter: 'or' })
  expect([history.length, location.search]).toEqual([steps + 1, '?zone=utc&filter=or'])
})

test('tables are arranged each for itself, and stay so when the range changes', () => {
  const steps = history.length
  choose({ range: { name: '7d' } })
  arrangeAs('errors', { filter: '4' })
  arrangeAs('errors', { filter: '404' })
  expect(history.length).toBe(steps)
  arrangeAs('errors', { sort: { column: 'users_affected', descending: true } })
  arrangeAs('slowest', { filter: 'ada' })
  expect([history.length, location.search]).toEqual([steps + 1, '?sort.errors=-users_affected&filter.errors=404&filter.slowest=ada'])
  apply()
  expect(loaded.value.tables).toEqual({ errors: { sort: { column: 'users_affected', descending: true }, filter: '404' }, slowest: { filter: 'ada' } })
  arrangeAs('slowest', { filter: '' })
  expect(Object.keys(loaded.value.tables ?? {})).toEqual(['errors'])
})

test('Back shows the view of the address', () => {
  open({ zone: 'utc' })
  choose({ app: 'shop' })
  history.replaceState(null, '', '/metrics?range=30d')
  dispatchEvent(new PopStateEvent('popstate'))
  expect([loaded.value, draft.value]).toEqual([{ ...defaults, range: { name: '30d' } }, { ...defaults, range: { name: '30d' } }])
})
