/// <reference types="node" />
import { expect, type Locator, type Page, type Request, type Route } from '@playwright/test'

/** The panels of the overview, and which question each one asks. */
export const panels = {
  'panel-response-times': 'time-series',
  'panel-traffic': 'time-series',
  'panel-usage': 'time-series',
  'panel-event-types': 'usage',
  'panel-pages': 'usage',
  'panel-elements': 'usage',
  'panel-endpoints': 'performance',
  'panel-errors': 'errors',
} as const
export type PanelName = keyof typeof panels
export const panelNames = Object.keys(panels) as PanelName[]

export const cards = ['card-requests', 'card-average', 'card-p95', 'card-error-rate', 'card-users', 'card-events'] as const

/** What the dashboard asks of the server. */
export const questions = /\/api\/v1\/metrics\/(performance|usage|time-series|errors|status|requests)(\?|$)/

/** The dashboard as a person, and a test, sees it. */
export class Dashboard {
  readonly refresh: Locator
  readonly endpoints: Locator
  readonly picker: Locator
  readonly filter: Locator
  readonly start: Locator
  readonly end: Locator
  readonly apply: Locator

  constructor(readonly page: Page) {
    this.refresh = page.getByTestId('refresh-button')
    this.endpoints = page.getByTestId('panel-endpoints').getByRole('table')
    this.picker = page.getByTestId('range-picker')
    this.filter = page.getByTestId('panel-endpoints').getByRole('searchbox')
    this.start = this.picker.getByLabel('Start')
    this.end = this.picker.getByLabel('End')
    this.apply = this.picker.getByRole('button', { name: 'Apply' })
  }

  /** Opens the dashboard with the state that a query string holds. */
  async visit(query = ''): Promise<void> {
    await this.page.goto(`/metrics${query}`)
  }

  panel(name: PanelName): Locator {
    return this.page.getByTestId(name)
  }

  /** Waits until every panel shows its answer. */
  async painted(): Promise<void> {
    for (const name of panelNames) await expect(this.panel(name)).toHaveAttribute('data-state', /^(done|empty)$/)
  }

  /** A row of the endpoint table, counted from the top. */
  row(index: number): Locator {
    return this.endpoints.locator('tbody tr').filter({ hasText: /\S/ }).nth(index)
  }

  /** The head of a column of the endpoint table. */
  headCell(label: string): Locator {
    return this.endpoints.getByRole('columnheader', { name: label, exact: true })
  }

  /** What sorts by a column of the endpoint table. */
  head(label: string): Locator {
    return this.headCell(label).getByRole('button')
  }

  /** The cells of a column of the endpoint table that are there, top to bottom. */
  async column(index: number): Promise<string[]> {
    const rows = this.endpoints.locator('tbody tr').filter({ hasText: /\S/ })
    return rows.locator(`:scope > :nth-child(${index + 1})`).allInnerTexts()
  }

  /** Fills in a custom range, in minutes of the shown zone. */
  async custom(start: string, end: string): Promise<void> {
    await this.picker.getByRole('button', { name: /^Custom/ }).click()
    await this.start.fill(start)
    await this.end.fill(end)
  }
}

/** Counts the questions that a page asks from now on. */
export function countQuestions(page: Page): { readonly asked: string[] } {
  const asked: string[] = []
  page.on('request', (request: Request) => {
    if (questions.test(request.url())) asked.push(new URL(request.url()).pathname + new URL(request.url()).search)
  })
  return { asked }
}

/** Answers a question as the server's one error shape. */
export function refuse(status: number, message: string): (route: Route) => Promise<void> {
  return (route) =>
    route.fulfill({
      status,
      contentType: 'application/json',
      headers: status === 503 ? { 'Retry-After': '30' } : {},
      json: { error: 'Refused', message, status_code: status, correlation_id: 'e2e-correlation', details: {} },
    })
}

/** Stops the browser's clock: from now on its time passes by clock.runFor alone. */
export async function stopClock(page: Page): Promise<void> {
  const now = Date.now()
  // It runs until it is stopped, and can be stopped only later than that.
  await page.clock.install({ time: now - 3_600_000 })
  await page.clock.pauseAt(now)
}

/** Leaves every question without an answer until it is let go. */
export async function hold(page: Page, pattern: RegExp = questions): Promise<() => void> {
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(pattern, async (route) => {
    await gate
    await route.fallback().catch(() => {}) // the page may have given up meanwhile
  })
  return letGo
}
