/// <reference types="node" />
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LaunchOptions } from '@playwright/test'

/**
 * Opens a page in a browser that nobody steers: one that is steered prepares no
 * pages. What the page is to do, it must do by itself.
 */
export async function openAlone(url: string, { executablePath, args }: LaunchOptions): Promise<{ close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'appmetrics-browser-'))
  const flags = ['--headless', '--no-first-run', '--disable-crash-reporter', `--user-data-dir=${profile}`]
  const browser = spawn(executablePath!, [...args!, ...flags, url], { stdio: 'ignore' })
  const ended = once(browser, 'exit')
  return {
    async close() {
      browser.kill('SIGTERM')
      await ended
      await rm(profile, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
