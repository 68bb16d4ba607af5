import { defineConfig } from 'vitest/config'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: { environment: 'happy-dom', css: true, include: ['src/**/*.test.{ts,tsx}', 'tracker/**/*.test.ts'] },
})
