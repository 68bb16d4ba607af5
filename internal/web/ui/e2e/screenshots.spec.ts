/// <reference types="node" />
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dashboard } from './dashboard'
import { root, serve } from './program'
import { expect, test } from './test'

// Pictures of the demo for the README: `make screenshots` takes them.
test('pictures of the demo', async ({ page, complaints }) => {
  complaints.allow(/asks another origin/) // the demo's
  test.setTimeout(180_000)
  const home = await mkdtemp(join(tmpdir(), 'appmetrics-demo-'))
  const demo = await serve(process.env['E2E_BINARY'] ?? '', home, ['--demo'])
  try {
    await expect.poll(() => age(demo.url), { message: 'days of history', timeout: 120_000 }).toBeGreaterThan(88)
    const dashboard = new Dashboard(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(`${demo.url}/metrics?range=7d&zone=utc`)
      await dashboard.painted()
      await page.screenshot({ path: `${root}/docs/images/dashboard-${colorScheme}.png` })
    }
    await dashboard.row(0).getByRole('button').or(dashboard.row(0).getByRole('link')).first().click()
    await page.getByTestId('endpoint-view').waitFor()
    await page.emulateMedia({ colorScheme: 'light' })
    await page.screenshot({ path: `${root}/docs/images/endpoint-light.png` })
  } finally {
    await demo.stop()
    await rm(home, { recursive: true, force: true })
  }
})

/** How many days ago the oldest summary of the demo is; it fills the past while it serves. */
async function age(url: string): Promise<number> {
  const status = (await (await fetch(`${url}/api/v1/metrics/status`)).json()) as { tables: { aggregated_metrics: { oldest?: string } } }
  return (Date.now() - Date.parse(status.tables.aggregated_metrics.oldest ?? new Date().toISOString())) / 86_400_000
}
