import type { Page } from '@playwright/test'
import { accessible, fits } from './axe'
import { Dashboard, hold, questions, refuse } from './dashboard'
import { expect, test } from './test'

// What is accessible does not depend on the engine.
test.skip(({ engine }) => engine !== 'sqlite')

/** Every look of a page: light and dark, wide and narrow. */
async function everyLook(page: Page, check: (look: string) => Promise<void>): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 800 })
      await test.step(`${colorScheme}, ${width} px`, () => check(`${colorScheme}, ${width} px`))
    }
  }
}

const check = (page: Page) =>
  everyLook(page, async () => {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await accessible(page)
    await fits(page)
  })

test('the overview', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await check(page)
})

test('text that is spaced as WCAG 1.4.12 asks runs into nothing', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const overlaps = await page.evaluate(() => {
    const spaced = new CSSStyleSheet()
    spaced.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }')
    document.adoptedStyleSheets.push(spaced)
    const textOf = (e: Element): DOMRect => {
      const range = document.createRange()
      range.selectNodeContents(e)
      return range.getBoundingClientRect()
    }
    const pairs = [
      ...[...document.querySelectorAll('.card')].map((card) => [card.querySelector('.card-value'), card.querySelector('.card-course svg')]),
      ...[...document.querySelectorAll('.panel-table')].map((panel) => [panel.querySelector('.panel-title'), panel.querySelector('.table-tools .field')]),
    ]
    return pairs.flatMap(([left, right]) => (left && right && textOf(left).right > right.getBoundingClientRect().left ? [left.textContent] : []))
  })
  expect(overlaps).toEqual([])
  await fits(page)
})

test('charts as tables', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit('?zone=utc')
  await dashboard.painted()
  for (const button of await page.getByRole('button', { name: 'Show as table' }).all()) await button.click()
  await check(page)
})

test('an endpoint', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await dashboard.row(0).getByRole('button').or(dashboard.row(0).getByRole('link')).first().click()
  await expect(page.getByTestId('endpoint-view')).toContainText('e2e-') // a correlation id
  await check(page)
})

test('a custom range that is wrong', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await dashboard.custom('2020-01-01T00:00', '2020-01-02T00:00')
  await expect(dashboard.picker.getByRole('alert')).not.toHaveText('')
  await check(page)
})

test('loading, calculating and unavailable', async ({ page }) => {
  // axe needs a clock that runs, so the states come when they come.
  const letGo = await hold(page)
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await expect(dashboard.panel('panel-endpoints')).toHaveAttribute('data-state', /loading|calculating/)
  await accessible(page)
  await expect(dashboard.panel('panel-endpoints')).toHaveAttribute('data-state', /calculating|unavailable/)
  await accessible(page)
  await expect(dashboard.panel('panel-endpoints')).toHaveAttribute('data-state', 'unavailable')
  await check(page)
  letGo()
})

test('some panels failed, and a toast', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await page.route(/\/api\/v1\/metrics\/(usage|errors)\?/, refuse(500, 'Internal error'))
  await dashboard.refresh.click()
  await expect(page.getByTestId('toast')).toHaveText('Failed to refresh metrics. Please try again.')
  await check(page)
})

test.describe('without data', () => {
  test.use({ stage: 'empty' })
  test('the empty page', async ({ page }) => {
    await new Dashboard(page).visit()
    await expect(page.getByTestId('empty')).toBeVisible()
    await check(page)
  })
})

for (const [status, message] of [
  [401, 'Authentication required'],
  [403, 'Administrator privileges required to access metrics'],
  [503, 'Unable to verify admin privileges'],
] as const) {
  test(`refused with ${status}`, async ({ page, complaints }) => {
    complaints.allow(/^answer [45]/)
    await page.route(questions, refuse(status, message))
    await new Dashboard(page).visit()
    await expect(page.getByTestId('denied')).toBeVisible()
    await check(page)
  })
}
