/// <reference types="node" />
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page, Request } from '@playwright/test'
import { build, serve } from './program'
import { Database, migrate } from './seed'
import { test as base } from './test'

/** An application of one's own pages. */
export interface Site {
  /** Whether somebody asked for a path. */
  asked(path: string): boolean
  /** On a site of its own: another one than appmetrics is on. */
  url: string
  /** Shows a page at a path. */
  show(path: string, html: string, headers?: Record<string, string>): void
  stop(): Promise<void>
}

/** Starts an application that has no page yet. */
export async function startSite(): Promise<Site> {
  const pages = new Map<string, { html: string; headers: Record<string, string> }>()
  const asked = new Set<string>()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname
    asked.add(path)
    const page = pages.get(path)
    response.writeHead(page ? 200 : path === '/favicon.ico' ? 204 : 404, { 'content-type': 'text/html; charset=utf-8', ...page?.headers })
    response.end(page?.html ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    show: (path, html, headers = {}) => pages.set(path, { html: `<!doctype html><title>Shop</title>${html}`, headers }),
    asked: (path) => asked.has(path),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A usage event as it is stored. */
export interface Stored {
  id: string
  timestamp: string
  event_type: string
  page_name?: string
  element_id?: string
  success: boolean
  metadata?: Record<string, unknown>
}

/** An application with appmetrics in front of it. */
export interface Observed {
  site: Site
  /** The address of appmetrics, and so of the application through it. */
  url: string
  /** The newest stored events of 24 hours or more, up to 500, oldest first. */
  events(range?: string): Promise<Stored[]>
  /** How many of one's own events are stored (R12). */
  count(): Promise<number>
}

interface Settings {
  /** Whether pages of the application's own origin may post events. */
  trusted: boolean
  /** Whether appmetrics puts the tag into the application's pages. */
  injected: boolean
  observed: Observed
}

/** A test on pages of an application that carries the tracker. */
export const test = base.extend<Settings>({
  trusted: [false, { option: true }],
  injected: [false, { option: true }],
  // Starting and ending it is no part of the test's own time.
  observed: [async ({ engine, trusted, injected }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'appmetrics-tracker-'))
    const binary = process.env['E2E_BINARY'] ?? (await build(folder))
    const database = await Database.create(engine, folder)
    await migrate(binary, folder, database)
    const site = await startSite()
    const upstream = site.url.replace('localhost', '127.0.0.1')
    const args = ['--database-url', database.url, '--upstream', upstream, ...(injected ? ['--inject-tracker'] : [])]
    const server = await serve(binary, folder, args, {
      APPMETRICS_ACK: 'db', // so that what was accepted is what can be asked for
      ...(trusted && { APPMETRICS_CORS_ORIGINS: site.url }),
    })
    const ask = async (path: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${server.url}/api/v1/metrics/${path}`)
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as Record<string, unknown>
    }
    await use({
      site,
      url: server.url,
      events: async (range = '24h') => ((await ask(`events?limit=500&time_range=${range}`))['events'] as Stored[]).reverse(),
      count: async () => Number((await ask('usage/count'))['count']),
    })
    await server.stop()
    await site.stop()
    await database.remove()
    await rm(folder, { recursive: true, force: true })
  }, { timeout: 120_000 }],
  baseURL: ({ observed }, use) => use(observed.url),
})

/** The script tag, with attributes. */
export const tag = (attributes = '', origin = '') => `<script src="${origin}/metrics/tracker.js" ${attributes}></script>`

/** What a post of events carries. */
export function posted(request: Request): Stored[] {
  return (JSON.parse(request.postData() ?? '{"events":[]}') as { events: Stored[] }).events
}

/** Collects the posts of events that a page makes from now on. */
export function watchPosts(page: Page): Request[] {
  const posts: Request[] = []
  page.context().on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/usage-events')) posts.push(request)
  })
  return posts
}

/** Sends what waits, and waits until it is stored or given up. */
export const flush = (page: Page) => page.evaluate(() => window.appmetrics!.flush())
