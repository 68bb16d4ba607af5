import { expect, test } from 'vitest'
import { change, defaults } from './state'

test('a change keeps the rest of the view, and undefined takes a field out', () => {
  const opened = change(defaults, { endpoint: { method: 'GET', endpoint: '/orders' } })
  expect(opened).toEqual({ ...defaults, endpoint: { method: 'GET', endpoint: '/orders' } })
  expect(change(opened, { endpoint: undefined })).toEqual(defaults)
})
