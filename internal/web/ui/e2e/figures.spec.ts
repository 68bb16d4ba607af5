import type { Page } from '@playwright/test'
import { gzipSync } from 'node:zlib'
import { panelNames } from './dashboard'
import { endpoints, engines } from './seed'
import { expect, test } from './test'

// Figures are printed, never asserted: machines differ. One after the other, so
// that they do not disturb each other.
test.describe.configure({ mode: 'serial' })

const runs = 10

interface Timing {
  painted: number // all panels show their answer, since navigation
  firstPaint: number // first contentful paint
  largestPaint: number // largest contentful paint
  shift: number // cumulative layout shift
  blocked: number // time beyond 50 ms of every long task
  answered: number // when the last answer was there
}

/** Notes, in the page, when all panels are painted; the browser's own entries say the rest. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript((names) => {
    const seen = { largest: 0, shift: 0, blocked: 0 }
    Object.assign(window, { e2eSeen: seen })
    const observe = (type: string, take: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
    observe('largest-contentful-paint', (e) => (seen.largest = e.startTime))
    observe('layout-shift', (e) => (seen.shift += (e as unknown as { value: number }).value))
    observe('longtask', (e) => (seen.blocked += Math.max(0, e.duration - 50)))
    const look = () => {
      // A question that is given up counts as painted too: the figure then says 10 s.
      const done = names.every((name) => document.querySelector(`[data-testid=${name}]:is([data-state=done], [data-state=unavailable])`))
      if (!done) return void requestAnimationFrame(look)
      // The frame after the next begins when this one is painted.
      requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('painted')))
    }
    requestAnimationFrame(look)
  }, panelNames)
}

async function measure(page: Page, query: string): Promise<Timing> {
  await page.goto(`/metrics${query}`)
  await page.waitForFunction(() => performance.getEntriesByName('painted').length > 0)
  return page.evaluate(() => {
    const seen = (window as unknown as { e2eSeen: { largest: number; shift: number; blocked: number } }).e2eSeen
    const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    return {
      painted: performance.getEntriesByName('painted')[0]?.startTime ?? NaN,
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      largestPaint: seen.largest,
      shift: seen.shift,
      blocked: seen.blocked,
      answered: Math.max(...resources.filter((r) => r.name.includes('/api/')).map((r) => r.responseEnd)),
    }
  })
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

for (const engine of engines) {
  test.describe(engine, () => {
    test.use({ engine })
    for (const [range, query] of [['24h', ''], ['90d', '?range=90d']] as const) {
      test(`time to all panels: ${range} of ${endpoints} endpoints`, async ({ browser, baseURL }) => {
        test.setTimeout(240_000)
        const timings: Timing[] = []
        for (let i = 0; i < runs; i++) {
          // A context of its own: nothing is cached.
          const page = await browser.newPage({ baseURL: baseURL ?? '', viewport: { width: 1280, height: 800 } })
          await watch(page)
          timings.push(await measure(page, query))
          await page.close()
        }
        const of = (key: keyof Timing) => median(timings.map((t) => t[key]))
        console.log(
          `figures ${engine} ${range}: median of ${runs}: all panels painted ${of('painted').toFixed(0)} ms ` +
            `(last answer ${of('answered').toFixed(0)} ms), first contentful paint ${of('firstPaint').toFixed(0)} ms, ` +
            `largest ${of('largestPaint').toFixed(0)} ms, layout shift ${of('shift').toFixed(3)}, blocked ${of('blocked').toFixed(0)} ms`,
        )
      })
    }
  })
}

test('sizes', async ({ page }) => {
  const sizes = new Map<string, number>()
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.startsWith('/metrics')) sizes.set(pathname, gzipSync(await response.body(), { level: 9 }).length)
  })
  await page.goto('/metrics', { waitUntil: 'networkidle' })
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  console.log(`figures sizes, gzipped: ${[...sizes].map(([name, size]) => `${name} ${size}`).join(', ')}; together ${total} bytes`)
  expect(sizes.size).toBeGreaterThan(1)
})
