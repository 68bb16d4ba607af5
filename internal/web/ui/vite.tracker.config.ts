import { defineConfig } from 'vite'

// The tracker: one classic script under a fixed name, put next to the page.
export default defineConfig({
  build: {
    outDir: '../dist',
    emptyOutDir: false,
    target: 'es2020',
    reportCompressedSize: false,
    lib: { entry: 'tracker/tracker.ts', formats: ['iife'], name: 'appmetricsTracker', fileName: () => 'tracker.js' },
  },
})
