import { render } from 'preact'
import { useState } from 'preact/hooks'
import { act } from 'preact/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import { hostile } from '../testing/hostile'
import { visible } from '../visible'
import { DataTable, type Column, type Sort } from './DataTable'

interface Row {
  name: string
  count: number
}

const columns: Column<Row>[] = [
  { key: 'name', label: 'Name', value: (r) => r.name },
  { key: 'count', label: 'Count', value: (r) => r.count, numeric: true },
]
const some: Row[] = [{ name: '/b', count: 1500 }, { name: '/a', count: 20 }, { name: '/c', count: 3 }]
const many: Row[] = Array.from({ length: 500 }, (_, i) => ({ name: `/${i}`, count: 500 - i }))

function show(rows: readonly Row[], onOpen?: (row: Row) => void): HTMLElement {
  function Page() {
    const [sort, setSort] = useState<Sort>({ column: 'count', descending: true })
    const [filter, setFilter] = useState('')
    return (
      <DataTable
        name="Test rows" columns={columns} rows={rows} id={(r) => r.name}
        sort={sort} onSort={setSort} filter={filter} onFilter={setFilter} {...(onOpen && { onOpen, href: (r: Row) => `?row=${encodeURIComponent(r.name)}` })}
      />
    )
  }
  const page = document.body.appendChild(document.createElement('div'))
  act(() => render(<Page />, page))
  return page
}

const find = <E extends HTMLElement>(page: HTMLElement, selector: string): E => {
  const found = page.querySelector<E>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}
const all = (page: HTMLElement, selector: string): HTMLElement[] => [...page.querySelectorAll<HTMLElement>(selector)]
const names = (page: HTMLElement): (string | null)[] => all(page, 'tbody th').map((e) => e.textContent)
const heads = (page: HTMLElement): (string | null)[] => all(page, 'thead th').map((e) => e.getAttribute('aria-sort'))
const press = (e: Element | null, key: string): void => {
  act(() => void e?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))
}
const type = (page: HTMLElement, text: string): void => {
  const field = find<HTMLInputElement>(page, 'input')
  field.value = text
  act(() => void field.dispatchEvent(new Event('input', { bubbles: true })))
}

afterEach(() => {
  for (const page of [...document.body.children]) {
    render(null, page)
    page.remove()
  }
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('a press on a head sorts, is marked, and is told', () => {
  const page = show(some)
  expect(names(page)).toEqual(['/b', '/a', '/c'])
  expect(heads(page)).toEqual([null, 'descending'])
  expect(find(page, 'caption').textContent).toBe('Test rows, sorted by Count, descending')
  act(() => find(page, 'thead button').click())
  expect(names(page)).toEqual(['/a', '/b', '/c'])
  expect(heads(page)).toEqual(['ascending', null])
  expect(all(page, '.sort-mark').map((e) => e.textContent)).toEqual(['▲', ''])
})

test('the filter counts what it leaves', () => {
  const page = show(some)
  expect(find(page, '[role=status]').textContent).toBe('3 rows')
  type(page, 'B')
  expect(names(page)).toEqual(['/b'])
  expect(find(page, '[role=status]').textContent).toBe('1 of 3 rows')
  type(page, 'nothing')
  expect(find(page, 'tbody').textContent).toBe('No row matches the filter.')
})

test('a row opens by its link and by a click beside it, and a new tab is left to the browser', () => {
  const opened: string[] = []
  const page = show(some, (row) => opened.push(row.name))
  const link = find<HTMLAnchorElement>(page, 'tbody a')
  expect(link.getAttribute('href')).toBe('?row=%2Fb')
  act(() => link.click())
  act(() => find(page, 'tbody tr:nth-child(2) td').click())
  const withControl = new MouseEvent('click', { ctrlKey: true, bubbles: true, cancelable: true })
  link.addEventListener('click', (event) => event.preventDefault(), { once: true })
  act(() => void link.dispatchEvent(withControl))
  expect(opened).toEqual(['/b', '/a'])
})

test('rows are one stop of Tab, and keys move between them', () => {
  const page = show(many, () => {})
  const stops = (): HTMLElement[] => all(page, 'tbody [tabindex="0"]')
  expect(stops().map((e) => e.textContent)).toEqual(['/0'])
  stops()[0]!.focus()
  const way = [
    ['ArrowDown', '/1'], ['PageDown', '/21'], ['ArrowUp', '/20'], ['End', '/499'], ['ArrowDown', '/499'], ['Home', '/0'], ['ArrowUp', '/0'],
  ] as const
  for (const [key, want] of way) {
    press(document.activeElement, key)
    expect([key, document.activeElement?.textContent]).toEqual([key, want])
    expect(stops().map((e) => e.textContent)).toEqual([want])
  }
})

test('of a long table only some rows are there, and all are counted', () => {
  const page = show(many, () => {})
  expect(find(page, 'table').getAttribute('aria-rowcount')).toBe('501')
  const rows = all(page, 'tbody tr[data-row]')
  expect(rows.length).toBeLessThanOrEqual(50)
  expect(rows.slice(0, 2).map((e) => e.getAttribute('aria-rowindex'))).toEqual(['2', '3'])
  const gap = find(page, '.gap td')
  expect(Number(gap.style.getPropertyValue('--rows')) + rows.length).toBe(500)
})

test.each([
  ['searches in the page', () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true }))],
  ['prints', () => window.dispatchEvent(new Event('beforeprint'))],
])('all rows are there for who %s', (_, ask) => {
  const page = show(many)
  act(() => void ask())
  expect(all(page, 'tbody tr[data-row]')).toHaveLength(500)
  expect(all(page, '.gap')).toHaveLength(0)
})

test('the file holds all rows that match, in the order shown', async () => {
  const page = show(many)
  const files: Blob[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => (files.push(file as Blob), 'blob:x'))
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    expect(this.download).toBe('appmetrics-test-rows.csv')
  })
  act(() => all(page, 'thead button')[1]!.click())
  type(page, '4')
  act(() => find(page, '[aria-label^="Download CSV"]').click())
  const lines = (await files[0]!.text()).trim().split('\r\n')
  expect(lines.slice(0, 3)).toEqual(['name,count', '/499,1', '/498,2'])
  expect(lines).toHaveLength(1 + many.filter((r) => r.name.includes('4')).length)
})

test('copying says how it went', async () => {
  const page = show(some)
  const writeText = vi.fn<(text: string) => Promise<void>>(async () => {})
  vi.stubGlobal('navigator', { clipboard: { writeText } })
  const said = (): string | null => find(page, '[role=status]').textContent
  find(page, '[aria-label^="Copy"]').click()
  await vi.waitFor(() => expect(said()).toBe('Copied 3 rows'))
  expect(writeText).toHaveBeenCalledWith('name\tcount\n/b\t1500\n/a\t20\n/c\t3\n')
  vi.stubGlobal('navigator', {})
  document.execCommand = () => false
  find(page, '[aria-label^="Copy"]').click()
  await vi.waitFor(() => expect(said()).toBe('The browser refuses to copy'))
})

test('hostile names are text and nothing else', () => {
  const rows = hostile.map((name, i) => ({ name, count: hostile.length - i }))
  const page = show(rows, () => {})
  act(() => void window.dispatchEvent(new Event('beforeprint')))
  expect(names(page)).toEqual(hostile.map(visible))
  const tags = new Set(all(page, 'tbody *').map((e) => e.tagName))
  expect([...tags].sort()).toEqual(['A', 'BDI', 'TD', 'TH', 'TR'])
  for (const link of all(page, 'tbody a')) expect(link.getAttribute('href')).toMatch(/^\?row=/)
})
