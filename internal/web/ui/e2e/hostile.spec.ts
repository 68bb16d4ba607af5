import type { Page } from '@playwright/test'
import { hostile } from '../src/testing/hostile'
import { fits } from './axe'
import { Dashboard, panelNames } from './dashboard'
import { expect, test } from './test'

test.use({ stage: 'hostile' })

/** Fails where one panel lies on another, or sticks out of the page. */
async function apart(page: Page): Promise<void> {
  await fits(page)
  const boxes = (
    await Promise.all(panelNames.map(async (name) => ({ name, box: await page.getByTestId(name).boundingBox() })))
  ).flatMap(({ name, box }) => (box ? [{ name, ...box }] : []))
  expect(boxes).toHaveLength(panelNames.length)
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const overlap = a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1
      expect(overlap, `${a.name} lies on ${b.name}`).toBe(false)
    }
  }
}

// The fixture fails these on any script that runs (each payload opens a dialog,
// throws or asks another origin), and on any report of the security policy.
for (const width of [1280, 320]) {
  test(`hostile text in every field is only text, at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 })
    const dashboard = new Dashboard(page)
    await dashboard.visit()
    await dashboard.painted()
    await apart(page)
    for (const button of await page.getByRole('button', { name: 'Show as table' }).all()) await button.click()
    await apart(page)
  })
}

/** Goes to an address of the page as Back and Forward do, without loading the page again. */
async function turn(page: Page, query: string): Promise<void> {
  await page.evaluate((address) => {
    history.pushState(null, '', address)
    dispatchEvent(new PopStateEvent('popstate'))
  }, `/metrics${query}`)
}

/** A string as a text of that length holds it. */
const cut = (text: string, most: number) => [...text].slice(0, most).join('')

test('there are enough hostile strings', () => {
  expect(new Set(hostile).size).toBeGreaterThanOrEqual(200)
})

test('every hostile string is shown as it is', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  for (const text of hostile) {
    const stored = cut(text, 500)
    await turn(page, `?filter=${encodeURIComponent(stored)}`)
    await expect(dashboard.endpoints.locator('tbody')).toContainText(stored.replaceAll(/\s+/g, ' ').trim())
  }
})

test('endpoints with hostile names open', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await page.setViewportSize({ width: 320, height: 800 })
  await dashboard.visit()
  await dashboard.painted()
  for (const text of hostile.filter((_, i) => i % 4 === 0)) {
    await turn(page, `?method=GET&endpoint=${encodeURIComponent(cut(text, 500))}`)
    await expect(page.getByTestId('endpoint-view')).toBeVisible()
    await fits(page)
  }
})

test('a hostile address is only text', async ({ page, complaints }) => {
  complaints.allow(/Failed to load resource/) // an app of a name that is too long is refused
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  for (const text of hostile) {
    const value = encodeURIComponent(text)
    await turn(page, `?app=${value}&filter=${value}&page=${value}&sort=${value}&start=${value}&range=${value}&zone=${value}#${value}`)
    await expect(dashboard.refresh).toBeVisible()
  }
  await fits(page)
})
