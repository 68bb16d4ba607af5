import { countQuestions, Dashboard } from './dashboard'
import { expect, test } from './test'

test('an endpoint is opened, and Back leads to where one was', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit('?range=7d')
  await dashboard.painted()
  await dashboard.row(0).getByRole('button').or(dashboard.row(0).getByRole('link')).first().click()
  const view = page.getByTestId('endpoint-view')
  await expect(view).toBeVisible()
  const query = new URL(page.url()).searchParams
  expect(query.get('range')).toBe('7d')
  await expect(view.getByRole('heading').first()).toContainText(query.get('endpoint') ?? '?')
  await page.goBack()
  await expect(view).toHaveCount(0)
  await dashboard.painted()
  await page.goForward()
  await expect(view).toBeVisible()
})

test('a shared link shows the same', async ({ page, context, baseURL }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await dashboard.filter.fill('orders')
  await dashboard.head('Requests').click()
  await expect(page).toHaveURL(/filter=orders/)
  await expect(page).toHaveURL(/sort=/)
  const rows = await dashboard.endpoints.locator('tbody tr').allInnerTexts()
  const other = new Dashboard(await context.newPage())
  await other.page.goto(page.url().replace(new URL(page.url()).origin, baseURL ?? ''))
  await other.painted()
  await expect(other.filter).toHaveValue('orders')
  // Rows that come and go at the edge of the range may change a figure, not what is listed.
  const names = (texts: string[]) => texts.map((text) => text.split(/\s/)[0]).sort()
  expect(names(await other.endpoints.locator('tbody tr').allInnerTexts())).toEqual(names(rows))
})

test('a shared link to an endpoint shows it', async ({ page, context }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await dashboard.row(1).getByRole('button').or(dashboard.row(1).getByRole('link')).first().click()
  const heading = await page.getByTestId('endpoint-view').getByRole('heading').first().innerText()
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other.getByTestId('endpoint-view').getByRole('heading').first()).toHaveText(heading)
})

test('times are shown in the zone of the viewer, and in UTC at a click', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const at = page.getByTestId('loaded-at')
  await expect(at).toContainText(/CET|CEST|GMT\+[12]|Berlin/)
  const { asked } = countQuestions(page)
  await page.getByTestId('zone-switch').click()
  await expect(at).toContainText('UTC')
  await expect(page).toHaveURL(/zone=utc/)
  expect(asked).toEqual([])
})

test('colours follow the preference, until they are switched', async ({ page }) => {
  const dashboard = new Dashboard(page)
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.emulateMedia({ colorScheme: 'light' })
  await dashboard.visit()
  await dashboard.painted()
  const light = await background()
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await background()
  expect(dark).not.toBe(light)
  await page.getByTestId('theme-switch').click()
  expect(await background()).toBe(light)
  await page.reload()
  await dashboard.painted()
  expect(await background(), 'after a reload').toBe(light)
})

test('the main journey needs no pointer', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const tabTo = async (reached: () => Promise<boolean>, what: string) => {
    for (let i = 0; i < 150; i++) {
      await page.keyboard.press('Tab')
      if (await reached()) {
        await expect(page.locator(':focus-visible'), `${what} shows that it has the focus`).toHaveCount(1)
        return
      }
    }
    throw new Error(`the Tab key does not reach ${what}`)
  }
  const onTest = (id: string) => () => page.evaluate((wanted) => document.activeElement?.getAttribute('data-testid') === wanted, id)
  const onText = (text: string) => () => page.evaluate((wanted) => document.activeElement?.textContent === wanted, text)

  // Choose a week, and load it.
  await expect(dashboard.refresh).toBeEnabled()
  await tabTo(onText('7d'), '7d')
  await page.keyboard.press('Enter')
  await tabTo(onTest('refresh-button'), 'Refresh')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/range=7d/)
  await dashboard.painted()

  // Read the first chart by the arrow keys.
  const chart = dashboard.panel('panel-response-times').getByRole('application')
  await tabTo(async () => chart.evaluate((e) => e === document.activeElement), 'the first chart')
  await page.keyboard.press('ArrowRight')
  const spoken = dashboard.panel('panel-response-times').locator('[aria-live=polite]').filter({ hasText: /\d/ })
  await expect(spoken).toContainText(/\d+.*ms/)
  const first = await spoken.innerText()
  await page.keyboard.press('ArrowRight')
  await expect(spoken).not.toHaveText(first)

  // Sort the endpoints, and open the first.
  const requests = dashboard.head('Requests')
  await tabTo(async () => requests.evaluate((e) => e === document.activeElement), 'the head of a column')
  await page.keyboard.press('Enter')
  await expect(dashboard.headCell('Requests')).toHaveAttribute('aria-sort', /ascending|descending/)
  await tabTo(async () => page.evaluate(() => !!document.activeElement?.closest('[data-testid=panel-endpoints] tbody')), 'an endpoint')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('endpoint-view')).toBeVisible()
  expect(
    await page.evaluate(() => document.activeElement !== document.body && !!document.activeElement?.closest('[data-testid=endpoint-view]')),
    'the focus moves into the view that was opened',
  ).toBe(true)
  await page.keyboard.press('Alt+ArrowLeft')
  await dashboard.painted()
})
