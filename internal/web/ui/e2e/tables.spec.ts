import { readFile } from 'node:fs/promises'
import { countQuestions, Dashboard } from './dashboard'
import { endpoints } from './seed'
import { expect, test } from './test'

test('endpoints are slowest first, and sort by every column both ways', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const { asked } = countQuestions(page)
  const labels = (await dashboard.endpoints.getByRole('columnheader').allInnerTexts()).map((text) => text.replace(/[▲▼]/, '').trim())
  expect(labels.length).toBeGreaterThanOrEqual(8)
  await expect(dashboard.endpoints.locator('th[aria-sort=descending]')).toHaveCount(1)
  for (const label of labels) {
    await dashboard.head(label).click()
    const cell = dashboard.headCell(label)
    await expect(cell).toHaveAttribute('aria-sort', /ascending|descending/)
    await expect(dashboard.endpoints.locator('th[aria-sort=ascending], th[aria-sort=descending]')).toHaveCount(1)
    const once = await cell.getAttribute('aria-sort')
    const index = labels.indexOf(label)
    const up = sorted(await dashboard.column(index))
    expect(up, `${label}, ${once}`).toContain(once)
    await dashboard.head(label).click()
    await expect(cell).toHaveAttribute('aria-sort', once === 'ascending' ? 'descending' : 'ascending')
    expect(sorted(await dashboard.column(index)), `${label}, again`).toContain(once === 'ascending' ? 'descending' : 'ascending')
  }
  expect(asked).toEqual([])
})

/** Which way a column is sorted; equal cells are taken for either. */
function sorted(cells: string[]): string {
  const values = cells.map((cell) => number(cell) ?? cell)
  const ordered = (sign: number) =>
    values.every((v, i) => {
      const before = values[i - 1]
      if (before === undefined) return true
      if (typeof v === 'number' && typeof before === 'number') return sign * (v - before) >= 0
      return sign * String(before).localeCompare(String(v), 'en', { numeric: true }) <= 0
    })
  const [up, down] = [ordered(1), ordered(-1)]
  if (up && down) return 'ascending or descending'
  return up ? 'ascending' : down ? 'descending' : `neither: ${cells.slice(0, 10).join(', ')}`
}

/** The figure of a cell: durations in ms, others as they are. */
function number(cell: string): number | undefined {
  const match = /^<?\s*([\d,]+(?:\.\d+)?)\s*(ms|s|min|%|k|M)?$/.exec(cell.trim())
  if (!match) return undefined
  const scale = { s: 1000, min: 60_000, k: 1000, M: 1_000_000 }[match[2] ?? ''] ?? 1
  return Number(match[1]?.replaceAll(',', '')) * scale
}

test('every endpoint can be found by scrolling and by the filter', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await expect(dashboard.panel('panel-endpoints')).toContainText(String(endpoints))
  await dashboard.filter.fill('customers/1')
  await expect(dashboard.row(0)).toContainText('/api/customers/1')
  for (const text of await dashboard.endpoints.locator('tbody tr').allInnerTexts()) if (text.trim()) expect(text).toContain('customers/1')
  await dashboard.filter.fill('no such endpoint')
  await expect(dashboard.endpoints.locator('tbody')).not.toContainText('/api/')
  await dashboard.filter.fill('')
  const seen = new Set<string>()
  const scroller = dashboard.endpoints.locator('xpath=ancestor-or-self::*[contains(@class,"scroll")][1]')
  for (let i = 0; i < 60 && seen.size < endpoints; i++) {
    for (const text of await dashboard.endpoints.locator('tbody').getByText(/^\/api\//).allInnerTexts()) seen.add(text)
    await scroller.evaluate((e) => e.scrollBy(0, e.clientHeight * 0.7))
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  }
  expect(seen.size).toBe(endpoints)
})

test('errors stay sorted and filtered when the range changes, and in a shared link', async ({ page, context }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const errors = dashboard.panel('panel-errors')
  await errors.getByRole('searchbox').fill('404')
  await errors.getByRole('columnheader', { name: 'People' }).getByRole('button').click()
  await dashboard.picker.getByRole('button', { name: '7d', exact: true }).click()
  await dashboard.refresh.click()
  await expect(page).toHaveURL(/range=7d/)
  await dashboard.painted()
  const other = new Dashboard(await context.newPage())
  await other.page.goto(page.url())
  await other.painted()
  for (const shown of [errors, other.panel('panel-errors')]) {
    await expect(shown.getByRole('searchbox')).toHaveValue('404')
    await expect(shown.getByRole('columnheader', { name: 'People' })).toHaveAttribute('aria-sort', 'descending')
    await expect(shown.locator('tbody tr[data-row]').first()).toContainText('CLIENT_ERROR_404')
  }
})

test('a table is downloaded whole, and copied', async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(baseURL ?? '').origin })
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const panel = dashboard.panel('panel-endpoints')
  const [download] = await Promise.all([page.waitForEvent('download'), panel.getByRole('button', { name: /csv/i }).click()])
  expect(download.suggestedFilename()).toMatch(/\.csv$/)
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
  expect(lines).toHaveLength(endpoints + 1)
  await panel.getByRole('button', { name: /copy/i }).click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied.trim().split(/\r?\n/)).toHaveLength(endpoints + 1)
  expect(copied).toContain('\t')
})

test('what charts show is also there as tables', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  for (const name of ['panel-response-times', 'panel-traffic', 'panel-usage', 'panel-event-types'] as const) {
    await dashboard.panel(name).getByRole('button', { name: 'Show as table' }).click()
    await expect(dashboard.panel(name).getByRole('table').locator('tbody tr').first()).toContainText(/\d/)
  }
})
