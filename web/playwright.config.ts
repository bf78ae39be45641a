import { defineConfig } from '@playwright/test';

// Debian's own Chromium: nothing is downloaded. The server and the sink are real (e2e/belay.ts).
export default defineConfig({
  testDir: 'e2e',
  timeout: 180_000,
  expect: { timeout: 30_000 },
  workers: 1,
  fullyParallel: false,
  reporter: [['list']],
  outputDir: process.env.BELAY_E2E_OUT ?? 'test-results',
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Containers have no user namespaces for Chromium's own sandbox; the pages are ours.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
});
