import { expect, test, visit } from './test'

test('the page is there', async ({ page }) => {
  await visit(page)
  await expect(page).toHaveTitle('Application Metrics')
})
