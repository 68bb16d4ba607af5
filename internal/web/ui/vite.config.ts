import { defineConfig } from 'vite'

// The page. Its addresses are relative: the server puts its own path in front
// of them, which is a setting. Nothing is inlined, so that the content security
// policy needs no exception.
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // npx vite serves the sources as they are, with the answers of a running appmetrics.
  server: { proxy: { '/api': process.env.APPMETRICS ?? 'http://127.0.0.1:8080' } },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
