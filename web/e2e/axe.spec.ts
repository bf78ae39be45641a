import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { hold, rowOf, signIn } from './steps';

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
let belay: Belay;
let id: number;
let series: number;
let stopped: number;
test.setTimeout(600_000); // axe looks at every element of many pages; a busy machine takes its time
test.beforeAll(async () => {
  belay = await Belay.start({ people: 5000 });
  belay.addUser('anu', 'admin');
  id = await belay.create('Accessible', { labels: ['spring'] });
  await belay.create('تخفيضات رمضان الكبرى', { when: '20990101 10:00' });
  series = await belay.create('Weekly', {
    when: { type: 'recurring', repeat_type: 'week', repeats_every: 1, start_time: '20990105 09:00' },
  });
  stopped = await belay.create('Stopped', { when: '20990101 10:00' });
  await belay.ask('/api/v1/stops', { scope: { campaign: stopped } });
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
      `campaigns/${series}`,
      `campaigns/${stopped}`,
      'campaigns/999',
      'stops/stop-1',
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

for (const [name, options] of [
  ['wide', {}],
  ['a phone', { viewport: { width: 360, height: 640 }, hasTouch: true }],
] as const) {
  test(`axe finds nothing serious on any step of the wizard, on ${name}`, async ({ browser }) => {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await signIn(page, belay, 'anu');
    await page.goto(`${belay.url}/new?clone=${id}`);
    const next = page.getByRole('button', { name: 'Next' });
    for (const step of ['What', 'To whom', 'Content', 'When', 'Guardrails', 'Review']) {
      await expect(page.getByRole('heading', { level: 2, name: step })).toBeVisible();
      if (step === 'When') {
        await page.getByRole('radio', { name: 'Again and again' }).check();
        await page.getByLabel('First run, not before').fill('2099-03-01T09:00');
        await expect(page.getByTestId('runs')).toBeVisible();
      }
      expect(await serious(page), step).toEqual([]);
      if (step !== 'Review') await next.click();
    }
    await context.close();
  });
}

test('axe finds nothing serious on the sheets, on a one-time link, and without the server', async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${belay.url}/sign-in#link=0123456789abcdef`);
  await expect(page.getByRole('heading', { name: 'Choose a password' })).toBeVisible();
  expect(await serious(page), 'link').toEqual([]);
  await page.goto('about:blank');
  await signIn(page, belay, 'anu');
  await page.goto(`${belay.url}/campaigns/${id}`);
  for (const name of ['Correct those reached…', 'Continue the rest…']) {
    const button = page.getByRole('button', { name });
    if ((await button.count()) === 0) continue;
    await button.click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await serious(page), name).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await page.goto(`${belay.url}/providers`);
  for (const name of ['Test local-fcm', 'Change local-fcm', 'Add a provider']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await serious(page), name).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  }
  await page.goto(belay.url);
  await expect(rowOf(page, id)).toBeVisible();
  await belay.kill();
  await expect(page.getByText('The server cannot be reached')).toBeVisible();
  expect(await serious(page), 'offline').toEqual([]);
  await belay.serve();
  await context.close();
});
