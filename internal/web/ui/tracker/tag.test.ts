import { afterEach, expect, it, vi } from 'vitest'
import { createDebounce } from './debounce'
import { cut } from './element'
import { findTag, readOptions } from './options'
import { uuid } from './uuid'

afterEach(() => vi.useRealTimers())

function tag(attributes: Record<string, string>, src = 'https://metrics.example.com/metrics/tracker.js'): HTMLScriptElement {
  const script = document.createElement('script')
  Object.defineProperty(script, 'src', { value: src })
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value)
  return script
}

it.each([
  [{}, 'https://metrics.example.com/api/v1/metrics'],
  [{ 'data-endpoint': 'https://other.example.com/team/api/v1/metrics/' }, 'https://other.example.com/team/api/v1/metrics'],
  [{ 'data-endpoint': '/behind/a/path' }, 'https://shop.example.com/behind/a/path'],
])('posts where %o says', (attributes, want) => {
  const base = document.head.appendChild(document.createElement('base'))
  Object.defineProperty(document, 'baseURI', { value: 'https://shop.example.com/orders/', configurable: true })
  expect(readOptions(tag(attributes)).endpoint).toBe(want)
  base.remove()
})

it.each([
  [{}, [true, true, true]],
  [{ 'data-auto': 'false' }, [false, false, false]],
  [{ 'data-auto': 'false', 'data-forms': '' }, [false, false, true]],
  [{ 'data-clicks': 'false', 'data-auto': 'true' }, [true, false, true]],
])('records what %o asks for', (attributes, want) => {
  const { views, clicks, forms } = readOptions(tag(attributes))
  expect([views, clicks, forms]).toEqual(want)
})

it('excludes pages, and with / or * at the end all under them', () => {
  const { excludes } = readOptions(tag({ 'data-exclude': ' /admin ,/private/,/draft*,' }))
  const paths = ['/admin', '/private/', '/private/a', '/draft', '/drafts/1', '/admin/', '/private', '/', '']
  expect(paths.filter(excludes)).toEqual(['/admin', '/private/', '/private/a', '/draft', '/drafts/1', ''])
})

it.each([
  ['the only one', '<script id="a"></script>', 'a'],
  ['the first', '<script id="a"></script><script id="b"></script>', 'a'],
  ['the one with options, behind', '<script id="a"></script><script id="b" data-auto="false"></script>', 'b'],
  ['the one with options, before', '<script id="b" data-auto="false"></script><script id="a"></script>', 'b'],
  ['the one with options and a version', '<script id="a"></script><script id="b" data-auto="false" version="?v=1"></script>', 'b'],
  ['none of another script', '<script id="a"></script><script data-auto="false" of="https://vendor.example/tracker.js"></script>', 'a'],
])('of several tags takes %s', (_, markup, want) => {
  const address = 'https://metrics.example.com/metrics/tracker.js'
  const holder = document.head.appendChild(document.createElement('div'))
  holder.innerHTML = markup
  for (const s of holder.querySelectorAll('script')) {
    Object.defineProperty(s, 'src', { value: (s.getAttribute('of') ?? address) + (s.getAttribute('version') ?? '') })
  }
  Object.defineProperty(document, 'currentScript', { value: holder.querySelector('#a'), configurable: true })
  expect(findTag()?.id).toBe(want)
  Reflect.deleteProperty(document, 'currentScript')
  holder.remove()
})

it('cuts by characters, to one line', () => {
  expect(cut(' a\n\t b\0\u001b c ', 100)).toBe('a b c')
  expect(cut('😀😀😀', 2)).toBe('😀😀')
})

it('makes UUIDs without crypto.randomUUID', () => {
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true })
  const made = Array.from({ length: 1000 }, uuid)
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(made).size).toBe(1000)
  Reflect.deleteProperty(crypto, 'randomUUID')
})

it('waits until a key rests for 500 ms, or is woken', () => {
  vi.useFakeTimers()
  const calls: string[] = []
  const debounce = createDebounce()
  const hold = (key: string, what: string) => debounce.hold(key, () => void calls.push(what))
  hold('a', 'a1')
  vi.advanceTimersByTime(499)
  hold('a', 'a2')
  hold('b', 'b1')
  vi.advanceTimersByTime(499)
  expect(calls).toEqual([])
  vi.advanceTimersByTime(1)
  expect(calls).toEqual(['a2', 'b1'])
  hold('a', 'a3')
  debounce.wake()
  vi.advanceTimersByTime(1000)
  expect(calls).toEqual(['a2', 'b1', 'a3'])
})
