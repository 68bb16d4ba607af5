import { countQuestions, Dashboard } from './dashboard'
import { expect, test } from './test'

const day = 86_400_000

test.use({ timezoneId: 'UTC' })

/** A time as the picker's inputs take it, some days from now. */
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString().slice(0, 16)

const refused = [
  { name: 'longer than 90 days', start: -91, end: 0, says: 'Date range cannot exceed 90 days. Please select a shorter range.' },
  { name: 'older than 90 days', start: -95, end: -92, says: 'Data is only available for the last 90 days. Please select a more recent date.' },
  { name: 'in the future', start: -1, end: 2, says: 'Cannot select future dates.' },
  { name: 'upside down', start: -1, end: -3, says: 'Start date must be before end date.' },
]

for (const { name, start, end, says } of refused) {
  test(`a custom range ${name} cannot be applied`, async ({ page }) => {
    const dashboard = new Dashboard(page)
    await dashboard.visit()
    await dashboard.painted()
    const { asked } = countQuestions(page)
    await dashboard.custom(inDays(start), inDays(end))
    await expect(dashboard.picker.getByRole('alert')).toHaveText(says)
    await expect(dashboard.apply).toBeDisabled()
    await dashboard.start.fill(inDays(-3))
    await dashboard.end.fill(inDays(-2))
    await expect(dashboard.picker.getByRole('alert')).toHaveText('')
    await expect(dashboard.apply).toBeEnabled()
    expect(asked).toEqual([])
  })
}

test('a custom range is loaded when it is applied', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const { asked } = countQuestions(page)
  const [start, end] = [inDays(-3), inDays(-2)]
  await dashboard.custom(start, end)
  await dashboard.apply.click()
  await expect(page).toHaveURL(new RegExp(`start=${encodeURIComponent(start)}`))
  await dashboard.painted()
  const query = new URLSearchParams(asked.find((url) => url.includes('/performance'))?.split('?')[1])
  expect(query.get('start_time')).toBe(`${start}:00.000Z`)
  expect(query.get('end_time')).toBe(`${end}:00.000Z`)
})

for (const range of ['7d', '30d', '90d']) {
  test(`${range} is chosen, and loads when Refresh is pressed`, async ({ page, complaints }) => {
    complaints.allow(/^answer 503/)
    const dashboard = new Dashboard(page)
    await dashboard.visit()
    await dashboard.painted()
    const { asked } = countQuestions(page)
    await dashboard.picker.getByRole('button', { name: range, exact: true }).click()
    expect(new URL(page.url()).search).toBe('')
    await dashboard.refresh.click()
    await expect(page).toHaveURL(new RegExp(`range=${range}`))
    // How long the answers take is measured elsewhere.
    await expect.poll(() => asked.filter((url) => url.includes(`time_range=${range}`)).length).toBeGreaterThanOrEqual(4)
    await page.goBack()
    await expect(page).not.toHaveURL(/range=/)
    await expect(dashboard.picker.getByRole('button', { name: '24h', exact: true })).toHaveAttribute('aria-pressed', 'true')
  })
}

test('a chosen app and anonymous users are asked for', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const { asked } = countQuestions(page)
  await page.getByTestId('app-select').selectOption('billing')
  await page.getByTestId('anonymous-toggle').check()
  expect(asked).toEqual([])
  await dashboard.refresh.click()
  await expect(page).toHaveURL(/app=billing/)
  await dashboard.painted()
  const performance = asked.find((url) => url.includes('/performance')) ?? ''
  expect(performance).toContain('app=billing')
  expect(performance).toContain('include_anonymous=true')
  await expect(dashboard.panel('panel-endpoints')).not.toContainText('/api/customers/1') // an endpoint of the other app
})

test('a span that is dragged on a chart narrows the range', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit('?range=7d')
  await dashboard.painted()
  const plot = dashboard.panel('panel-response-times').locator('.u-over')
  const box = await plot.boundingBox()
  if (!box) throw new Error('the chart has no plot')
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  await expect(page).toHaveURL(/start=.*&end=/)
  const query = new URL(page.url()).searchParams
  const span = Date.parse(query.get('end') ?? '') - Date.parse(query.get('start') ?? '')
  expect(span).toBeGreaterThan(0.9 * day)
  expect(span).toBeLessThan(2 * day)
  await page.goBack()
  await expect(page).toHaveURL(/range=7d$/)
})
