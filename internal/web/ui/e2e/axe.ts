/// <reference types="node" />
import { expect, type Page } from '@playwright/test'
import axe from 'axe-core'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']

/** Fails with every element that breaks a rule of WCAG 2.0 to 2.2, A or AA. */
export async function accessible(page: Page): Promise<void> {
  // Evaluated by the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async (tags) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags })
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.any[0]?.message ?? n.all[0]?.message ?? v.help}`))
  }, standards)
  expect(violations).toEqual([])
}

/** Fails when the page is wider than the window. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > width + 1)
      .map((e) => `${e.tagName.toLowerCase()}.${e.className} ends at ${Math.round(e.getBoundingClientRect().right)} of ${width}`)
      .slice(0, 10)
  })
  expect(wide, 'elements that make the page scroll sideways').toEqual([])
}
