/// <reference types="node" />
import { test as base, expect, type Page } from '@playwright/test'
import { variable, type Stage } from './setup'
import type { Engine } from './seed'

export { expect }

export interface Options {
  engine: Engine
  stage: Stage
}

/** What a page says that it should not: errors, and reports of the content security policy. */
export interface Complaints {
  list: string[]
  /** Console errors that a test provokes. */
  allow(...patterns: RegExp[]): void
}

/** A test on a page of the real server that must not complain. */
export const test = base.extend<Options & { complaints: Complaints }>({
  engine: ['sqlite', { option: true }],
  stage: ['history', { option: true }],
  baseURL: async ({ engine, stage }, use) => {
    const address = process.env[variable(engine, stage)]
    if (!address) throw new Error(`no server for ${engine} ${stage}`)
    await use(address)
  },
  complaints: [
    async ({ page, baseURL }, use) => {
      const said: string[] = []
      const allowed: RegExp[] = []
      await watch(page, said, baseURL ?? '')
      const list = () => said.filter((line) => !allowed.some((pattern) => pattern.test(line)))
      await use({
        get list() {
          return list()
        },
        allow: (...patterns) => allowed.push(...patterns),
      })
      expect(list(), 'errors of the page').toEqual([])
    },
    { auto: true },
  ],
})

async function watch(page: Page, said: string[], origin: string): Promise<void> {
  page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    const known = message.text().startsWith('Failed to load resource') // told below, with its address
    if (message.type() === 'error' && !known) said.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) said.push(`answer ${response.status()}: ${response.url()}`)
  })
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(origin)) said.push(`asks another origin: ${request.url()}`)
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`policy report: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`))
  })
}
