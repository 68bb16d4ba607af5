import { cards, countQuestions, Dashboard, hold, panelNames, panels, questions, refuse, stopClock } from './dashboard'
import { expect, test } from './test'

test('every panel shows the real answer', async ({ page }) => {
  const dashboard = new Dashboard(page)
  // A range that is over: no row comes or goes between the two questions.
  const hour = 3_600_000
  const end = Math.floor(Date.now() / hour) * hour - hour
  const [from, to] = [end - 24 * hour, end].map((at) => encodeURIComponent(new Date(at).toISOString()))
  await dashboard.visit(`?start=${from}&end=${to}`)
  await dashboard.painted()
  await expect(page).toHaveTitle('Application Metrics')
  await expect(page.getByTestId('metrics-nav-link')).toHaveText('Metrics')
  for (const card of cards) await expect(page.getByTestId(card)).toContainText(/\d/)
  const answer = (await (await page.request.get(`/api/v1/metrics/performance?start_time=${from}&end_time=${to}`)).json()) as {
    metrics: { total_requests: number }
  }
  const shown = Number((await page.getByTestId('card-requests').innerText()).match(/[\d,]{3,}/)?.[0].replaceAll(',', ''))
  expect(shown).toBe(answer.metrics.total_requests)
})

test('questions that take long say so, and give up after 10 s', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  const dashboard = new Dashboard(page)
  await stopClock(page)
  const letGo = await hold(page)
  await dashboard.visit()
  for (const name of panelNames) {
    await expect(dashboard.panel(name)).toHaveAttribute('aria-busy', 'true')
    await expect(dashboard.panel(name)).not.toContainText('Calculating...')
  }
  await page.clock.runFor(2_100)
  for (const name of panelNames) await expect(dashboard.panel(name)).toContainText('Calculating...')
  await page.clock.runFor(8_000)
  for (const name of panelNames) await expect(dashboard.panel(name)).toContainText('Data temporarily unavailable')
  letGo()
})

for (const broken of ['performance', 'usage', 'time-series', 'errors'] as const) {
  test(`when ${broken} fails, the panels of the other questions still show`, async ({ page, complaints }) => {
    complaints.allow(/^answer [45]/)
    const dashboard = new Dashboard(page)
    const pattern = new RegExp(`/api/v1/metrics/${broken}\\?`)
    await page.route(pattern, refuse(503, 'Data temporarily unavailable'))
    await dashboard.visit()
    for (const name of panelNames) {
      if (panels[name] === broken) {
        await expect(dashboard.panel(name)).toContainText('Data temporarily unavailable')
        await expect(dashboard.panel(name).getByRole('button', { name: /retry|try again/i })).toBeVisible()
      } else {
        await expect(dashboard.panel(name)).toHaveAttribute('data-state', 'done')
      }
    }
    await page.unroute(pattern)
    const first = panelNames.find((name) => panels[name] === broken)
    if (!first) throw new Error(`no panel asks ${broken}`)
    await dashboard.panel(first).getByRole('button', { name: /retry|try again/i }).click()
    await dashboard.painted()
  })
}

test('a refresh that fails is told in a toast, and what was shown stays', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  const before = await page.getByTestId('card-requests').innerText()
  await page.route(questions, refuse(500, 'Internal error'))
  await dashboard.refresh.click()
  await expect(page.getByRole('status').filter({ hasText: 'Failed to refresh metrics. Please try again.' })).toBeVisible()
  await expect(dashboard.refresh).toBeEnabled()
  expect(await page.getByTestId('card-requests').innerText()).toBe(before)
})

test('a server that cannot be reached is told in a toast', async ({ page, complaints }) => {
  complaints.allow(/^answer [45]/)
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await page.route(questions, (route) => route.abort('connectionrefused'))
  await dashboard.refresh.click()
  await expect(page.getByText('Failed to refresh metrics. Please try again.')).toBeVisible()
})

test('the refresh button works while the questions are asked', async ({ page }) => {
  const dashboard = new Dashboard(page)
  await dashboard.visit()
  await dashboard.painted()
  await expect(dashboard.refresh).toHaveText('Refresh')
  const letGo = await hold(page)
  await dashboard.refresh.click()
  await expect(dashboard.refresh).toHaveText('Refreshing...')
  await expect(dashboard.refresh).toBeDisabled()
  letGo()
  await expect(dashboard.refresh).toHaveText('Refresh')
  await expect(dashboard.refresh).toBeEnabled()
})

test('nothing is asked that nobody asked for', async ({ page, complaints }) => {
  complaints.allow(/events dropped/) // to the tracker its posts had no time to be answered
  const dashboard = new Dashboard(page)
  await page.clock.install()
  await dashboard.visit()
  await dashboard.painted()
  const { asked } = countQuestions(page)
  await page.clock.runFor('01:00:00')
  await dashboard.picker.getByText('7d', { exact: true }).click()
  await page.clock.runFor('00:10:00')
  expect(asked).toEqual([])
  await dashboard.refresh.click()
  await expect.poll(() => asked.length).toBeGreaterThan(3)
  expect(asked.filter((url) => !url.includes('/status')).every((url) => url.includes('time_range=7d')), asked.join('\n')).toBe(true)
})

test.describe('without data', () => {
  test.use({ stage: 'empty' })
  test('says what to do next', async ({ page }) => {
    const dashboard = new Dashboard(page)
    await dashboard.visit()
    await expect(page.getByText('No data available').first()).toBeVisible()
    await expect(page.getByText(/appmetrics serve --upstream/)).toBeVisible()
    await expect(page.getByText(/<script.*src=.*\/metrics\/tracker\.js/)).toBeVisible()
  })
})

test.describe('behind a proxy', () => {
  test.use({ stage: 'proxied' })

  test('somebody who is nobody is asked to sign in', async ({ page, complaints }) => {
    complaints.allow(/^answer 401/)
    await new Dashboard(page).visit()
    await expect(page.getByTestId('denied')).toContainText(/sign in|log in|authenticat/i)
  })

  test.describe('as no admin', () => {
    test.use({ extraHTTPHeaders: { 'X-Forwarded-Email': 'bob@example.com' } })
    test('is refused', async ({ page, complaints }) => {
      complaints.allow(/^answer 403/)
      await new Dashboard(page).visit()
      await expect(page.getByTestId('denied')).toContainText('Admin access required')
      await expect(page.getByTestId('panel-endpoints')).toHaveCount(0)
    })
  })

  test.describe('as an admin', () => {
    test.use({ extraHTTPHeaders: { 'X-Forwarded-Email': 'ada@example.com' } })
    test('is let in', async ({ page }) => {
      await new Dashboard(page).visit()
      await expect(page.getByText('No data available').first()).toBeVisible()
    })
  })
})

test.describe('with a workspace that does not answer', () => {
  test.use({ stage: 'unverifiable', extraHTTPHeaders: { 'X-Forwarded-Access-Token': 'e2e' } })
  test('nobody can be verified, which is not a refusal', async ({ page, complaints }) => {
    complaints.allow(/^answer 503/)
    await new Dashboard(page).visit()
    await expect(page.getByTestId('denied')).toContainText('Unable to verify admin privileges')
  })
})
