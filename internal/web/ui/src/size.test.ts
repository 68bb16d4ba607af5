import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'

/** What a build would write, gzipped, by file; nothing is written. */
async function sizes(configFile: string): Promise<Map<string, number>> {
  const built = await build({ configFile, logLevel: 'silent', build: { write: false } })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []))
  return new Map(outputs.map((file) => [file.fileName, gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length]))
}

// What the sources make now, not what was built of them before.
test('the tracker fits in 3 KB, and the page with it in 80 KB', async () => {
  const tracker = (await sizes('vite.tracker.config.ts')).get('tracker.js')!
  const page = [...(await sizes('vite.config.ts')).values()].reduce((sum, size) => sum + size, 0)
  expect(tracker).toBeLessThanOrEqual(3 << 10)
  expect(page).toBeGreaterThan(10 << 10)
  expect(page + tracker).toBeLessThanOrEqual(80 << 10)
}, 60_000)
