// A list of very many campaigns. How fast it is, is printed, not asserted: that is a benchmark's figure.
import { existsSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

const many = Number(process.env.BELAY_MANY ?? 100_000);
let belay: Belay;
let newest: number;
test.setTimeout(600_000);
test.beforeAll(async () => {
  test.setTimeout(600_000);
  belay = await Belay.start({ people: 10, folder: existsSync('/dev/shm') ? '/dev/shm' : undefined });
  belay.addUser('anu', 'admin');
  await belay.create('The first one', { when: '20990101 10:00', labels: ['spring'] });
  await belay.fill(many);
  newest = await belay.create('The newest one', { when: '20990101 10:00' });
});
test.afterAll(() => belay.end());

/** Milliseconds from the answer's last byte to the frame in which its rows are there, of each list asked for. */
const watch = (page: Page) =>
  page.addInitScript(() => {
    const paints: number[] = ((window as unknown as { paints: number[] }).paints = []);
    let answered = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (/\/api\/v1\/campaigns\?.*channel=push/.test(entry.name))
          answered = (entry as PerformanceResourceTiming).responseEnd;
    }).observe({ type: 'resource', buffered: true });
    let rows = '';
    new MutationObserver(() => {
      const now = [...document.querySelectorAll('[data-campaign]')]
        .map((e) => e.getAttribute('data-campaign'))
        .join();
      if (now === '' || now === rows) return;
      rows = now;
      requestAnimationFrame(() => setTimeout(() => answered > 0 && paints.push(performance.now() - answered)));
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-campaign'] });
  });

test(`a list of ${many.toLocaleString('en-US')} campaigns is paged, searched and sorted by the server`, async ({
  page,
}) => {
  await watch(page);
  await signIn(page, belay, 'anu');
  await expect(rowOf(page, newest)).toBeVisible();
  const total = many >= 100_000 ? /more than 100,000/ : /\d/;
  await expect(page.getByRole('region', { name: 'Push' })).toContainText(total);
  await expect(page.locator('[data-campaign]')).toHaveCount(25);
  for (let n = 2; n <= 4; n += 1) {
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(page.getByText(`Page ${n}`)).toBeVisible();
    await expect(page.locator('[data-campaign]')).toHaveCount(25);
  }
  await expect(rowOf(page, newest)).toHaveCount(0);
  await page.getByRole('searchbox').fill('The first one');
  await expect(page.locator('[data-campaign]')).toHaveCount(1);
  await expect(page.locator('[data-campaign]')).toContainText('The first one');
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Campaign', exact: true }).click();
  await expect(page.getByRole('columnheader', { name: 'Campaign' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.locator('[data-campaign]')).toHaveCount(25);
  const paints = await page.evaluate(() => (window as unknown as { paints: number[] }).paints);
  const shown = paints.map((ms) => Math.round(ms)).sort((a, b) => a - b);
  const median = shown[Math.floor(shown.length / 2)];
  console.log(`list of ${many}: painted after its data, ms: median ${median}, all ${shown.join(' ')}`);
  expect(paints.length).toBeGreaterThan(0);
});
