import { defineConfig } from 'vitest/config'

// Half of the time of a small test is a browser's document: only those that
// look at one get it.
const withDocument = ['src/**/*.test.tsx', 'src/{api,state}.test.ts', 'tracker/**/*.test.ts']

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    css: true,
    projects: [
      { extends: true, test: { name: 'document', environment: 'happy-dom', include: withDocument } },
      { extends: true, test: { name: 'plain', environment: 'node', include: ['src/**/*.test.ts'], exclude: withDocument } },
    ],
  },
})
