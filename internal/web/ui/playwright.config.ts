/// <reference types="node" />
import { defineConfig } from '@playwright/test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Options } from './e2e/test'

const apart = ['figures.spec.ts', 'screenshots.spec.ts']

// The dashboard and the tracker in Debian's Chromium, against the real server
// on both engines. `make e2e` brings everything that this needs.
export default defineConfig<Options>({
  testDir: './e2e',
  outputDir: join(tmpdir(), 'appmetrics-e2e-results'),
  globalSetup: './e2e/setup.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: !!process.env['CI'],
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'sqlite', use: { engine: 'sqlite' }, testIgnore: apart },
    { name: 'postgresql', use: { engine: 'postgresql' }, testIgnore: apart },
    // Measured alone, so that nothing disturbs them: `make figures`.
    { name: 'figures', testMatch: process.env['FIGURES'] ? 'figures.spec.ts' : [] },
    { name: 'screenshots', testMatch: process.env['SCREENSHOTS'] ? 'screenshots.spec.ts' : [] },
  ],
})
