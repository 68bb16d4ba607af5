import type { Page } from '@playwright/test'
import { hostile } from '../src/testing/hostile'
import { visible } from '../src/visible'
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

/**
 * Goes to one address of the page after the other, as Back and Forward do, without loading the page again; returns
 * what the table of endpoints says at each.
 */
async function turn(page: Page, queries: readonly string[]): Promise<string[]> {
  return page.evaluate(async (all) => {
    const said: string[] = []
    for (const query of all) {
      history.pushState(null, '', `/metrics${query}`)
      dispatchEvent(new PopStateEvent('popstate'))
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      said.push(document.querySelector('[data-testid=panel-endpoints] tbody')?.textContent ?? '')
    }
    return said
  }, queries)
}

/** A string as a text of that length holds it. */
const cut = (text: string, most: number) => [...text].slice(0, most).join('')

test('there are enough hostile strings', () => {
  expect(new Set(hostile).size).toBeGreaterThanOrEqual(200)
})

test('every hostile string is shown, down to what hides itself', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const stored = hostile.map((text) => cut(text, 500))
  const said = await turn(page, stored.map((text) => `?filter=${encodeURIComponent(text)}`))
  expect(stored.filter((text, i) => !said[i]?.includes(visible(text)))).toEqual([])
})

test('endpoints with hostile names open', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await page.setViewportSize({ width: 320, height: 800 })
  await dashboard.visit()
  await dashboard.painted()
  for (const text of hostile.filter((_, i) => i % 8 === 0)) {
    await turn(page, [`?method=GET&endpoint=${encodeURIComponent(cut(text, 500))}`])
    await expect(page.getByTestId('endpoint-view')).toBeVisible()
    await fits(page)
  }
})

test('a hostile address is only text', async ({ page, complaints }) => {
  complaints.allow(/^answer 400/) // the name of an app may be too long
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await turn(
    page,
    hostile.map((text) => {
      const value = encodeURIComponent(text)
      return `?app=${value}&filter=${value}&page=${value}&sort=${value}&start=${value}&range=${value}&zone=${value}#${value}`
    }),
  )
  await expect(dashboard.refresh).toBeVisible()
  await fits(page)
})
