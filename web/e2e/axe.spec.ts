import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { hold, rowOf, signIn } from './steps';

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
let belay: Belay;
let id: number;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 5000 });
  belay.addUser('anu', 'admin');
  id = await belay.create('Accessible', { labels: ['spring'] });
  await belay.create('تخفيضات رمضان الكبرى', { when: '20990101 10:00' });
});
test.afterAll(() => belay.end());

/** What axe calls serious or critical, as a list that is good to read when it is not empty. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const run = (
      window as unknown as {
        axe: {
          run: (o: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
        };
      }
    ).axe;
    const { violations } = await run.run({ resultTypes: ['violations'] });
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)}`));
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on any page (${colorScheme})`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(belay.url);
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(await serious(page), 'sign-in').toEqual([]);
    await signIn(page, belay, 'anu');
    await expect(rowOf(page, id)).toBeVisible();
    expect(await serious(page), 'campaigns').toEqual([]);
    await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
    await expect(page.getByTestId('outlook')).toBeVisible();
    expect(await serious(page), 'stop everything').toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    for (const path of [
      `campaigns/${id}`,
      'new',
      `new?clone=${id}`,
      '?show=draft',
      'settings',
      'stops',
      'users',
      'providers',
      'passcodes',
      'webhooks',
      'audit',
    ]) {
      await page.goto(`${belay.url}/${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByLabel('Loading')).toHaveCount(0);
      expect(await serious(page), path).toEqual([]);
    }
    await context.close();
  });
}

test('axe finds nothing serious on a receipt and under a latch', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
  await hold(page, page.getByRole('button', { name: 'Hold to stop' }));
  expect(await serious(page)).toEqual([]);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByTestId('latch')).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(await serious(page)).toEqual([]);
});
