// @vitest-environment node
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

it('fits in 3 KB', () => {
  const script = readFileSync(new URL('../../dist/tracker.js', import.meta.url))
  expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(3 * 1024)
})
