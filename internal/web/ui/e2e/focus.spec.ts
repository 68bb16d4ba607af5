import type { Page } from '@playwright/test'
import { Dashboard, panelNames, questions, refuse } from './dashboard'
import { expect, test } from './test'

/** The test id of the panel that holds the focus, or that has it itself. */
const focused = (page: Page): Promise<string | null | undefined> =>
  page.evaluate(() => document.activeElement?.closest('[data-testid^=panel-]')?.getAttribute('data-testid'))

test('a panel that is asked again keeps the focus, whether it then works or not', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  const dashboard = new Dashboard(page)
  const pattern = /\/api\/v1\/metrics\/errors\?/
  await page.route(pattern, refuse(503, 'Data temporarily unavailable'))
  await dashboard.visit()
  const panel = dashboard.panel('panel-errors')
  const again = panel.getByRole('button', { name: 'Try again' })
  await again.focus()
  await Promise.all([page.waitForResponse(pattern), page.keyboard.press('Enter')])
  await expect(panel).toHaveAttribute('data-state', 'unavailable')
  expect(await focused(page)).toBe('panel-errors')
  await page.unroute(pattern)
  await again.focus()
  await page.keyboard.press('Enter')
  await dashboard.painted()
  expect(await focused(page)).toBe('panel-errors')
})

test('a chart that is narrowed by keyboard keeps the focus in its panel', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit('?range=7d')
  await dashboard.painted()
  await dashboard.panel('panel-traffic').getByRole('application').focus()
  for (const key of ['Home', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Enter']) await page.keyboard.press(key)
  await expect(page).toHaveURL(/start=/)
  await dashboard.painted()
  expect(await focused(page)).toBe('panel-traffic')
})

test('the button that shows all pages leaves the focus in its panel', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit('?page=%2Fpage%2F1')
  await dashboard.painted()
  await dashboard.panel('panel-elements').getByRole('button', { name: 'All pages' }).focus()
  await page.keyboard.press('Enter')
  await expect(page).not.toHaveURL(/page=/)
  expect(await focused(page)).toBe('panel-elements')
})

test('of an outage the page speaks once', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  await page.route(questions, refuse(503, 'Data temporarily unavailable'))
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  for (const name of panelNames) await expect(dashboard.panel(name)).toContainText('Data temporarily unavailable')
  const speaking = page.locator('[role=alert], [role=status], [aria-live]').filter({ hasText: 'Data temporarily unavailable' })
  await expect(speaking).toHaveText(['Data temporarily unavailable: 8 of 8 panels.'])
})
