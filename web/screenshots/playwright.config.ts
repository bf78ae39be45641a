import { defineConfig } from '@playwright/test';
import base from '../playwright.config';

// `npm run screenshots`: the pictures of docs/dashboard.md, of the real demo.
export default defineConfig({ ...base, testDir: '.', use: { ...base.use, screenshot: 'off' } });
