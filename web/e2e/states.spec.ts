import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

const longName = `A campaign whose name ${'goes on and on '.repeat(12)}and ${'withoutanyblank'.repeat(9)}`;
let belay: Belay;
let id: number;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 50, perSecond: 5000 });
  belay.addUser('anu', 'admin');
  belay.addUser('mira', 'member');
  belay.addUser('leer', 'creator');
});
test.afterAll(() => belay.end());

const sticksOut = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('an account without anything says on every page what will be there', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await expect(page.getByText('No campaigns yet')).toBeVisible();
  await page.getByRole('link', { name: 'Stops' }).click();
  await expect(page.getByText('Nothing has been stopped yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await expect(page.getByText('Nobody is told.')).toBeVisible();
  await page.goto(`${belay.url}/?show=draft`);
  await expect(page.getByText('No drafts.')).toBeVisible();
  await page.goto(`${belay.url}/?show=awaiting`);
  await expect(page.getByText('No campaign matches')).toBeVisible();
});

test('no page sticks out of a phone of 360 pixels, whatever is written on it', async ({ page }) => {
  id = await belay.create(longName, {
    labels: ['a-label-that-is-quite-long-and-has-no-blank-anywhere'],
    content: { title: longName, body: longName },
  });
  await belay.create('تخفيضات رمضان الكبرى على كل شيء في المتجر', { when: '20990101 10:00' });
  await belay.inState(id, 'completed');
  await page.setViewportSize({ width: 360, height: 640 });
  await signIn(page, belay, 'anu');
  await expect(rowOf(page, id)).toBeVisible();
  expect(await sticksOut(page)).toBeLessThanOrEqual(0);
  for (const path of [
    `campaigns/${id}`,
    `new?clone=${id}`,
    '?show=draft',
    'stops',
    'settings',
    'users',
    'providers',
    'passcodes',
    'webhooks',
    'audit',
  ]) {
    await page.goto(`${belay.url}/${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByLabel('Loading')).toHaveCount(0);
    expect(await sticksOut(page), path).toBeLessThanOrEqual(0);
  }
});

test('a name is written from the right where its script is, and the page is not', async ({ page }) => {
  const name = 'تخفيضات الصيف';
  const arabic = await belay.create(name, { when: '20990101 10:00' });
  await signIn(page, belay, 'anu');
  const link = rowOf(page, arabic).getByRole('link', { name });
  const way = (at: typeof link) => at.evaluate((element) => getComputedStyle(element).direction);
  await expect.poll(() => way(link)).toBe('rtl');
  expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe('ltr');
  await link.click();
  await expect.poll(() => way(page.getByRole('heading', { level: 1 }))).toBe('rtl');
});

test('what cannot be had says why, and is tried again', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.goto(`${belay.url}/campaigns/999`);
  await expect(page.getByText('There is no campaign 999')).toBeVisible();
  let broken = true;
  await page.route(/\/api\/v1\/campaigns\?/, (route) =>
    broken
      ? route.fulfill({ status: 503, json: { error: { type: 'busy', message: 'Too much to do, retry later' } } })
      : route.continue(),
  );
  await page.goto(belay.url);
  await expect(page.getByRole('alert').first()).toContainText('Too much to do, retry later');
  broken = false;
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(rowOf(page, id)).toBeVisible();
});

test('while an answer is awaited the page shows its frame, and not nothing', async ({ page }) => {
  await signIn(page, belay, 'anu');
  let release = () => {};
  const held = new Promise<void>((go) => (release = go));
  await page.route(/\/api\/v1\/campaigns\?/, async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto(belay.url);
  await expect(page.locator('.mantine-Skeleton-root').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop everything', exact: true })).toBeVisible();
  release();
  await expect(rowOf(page, id)).toBeVisible();
});

test('who may not is told so in the place itself', async ({ page }) => {
  await signIn(page, belay, 'mira');
  await expect(page.getByRole('link', { name: 'New campaign' })).toHaveCount(0);
  await page.goto(`${belay.url}/users`);
  await expect(page.getByRole('alert')).toContainText(/Admin/);
  await page.goto(`${belay.url}/new`);
  await expect(page.getByRole('alert')).toContainText(/Member/);
});

test('whoever wants less motion gets none', async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await signIn(page, belay, 'anu');
  await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((a) => Number(a.effect?.getComputedTiming().duration) > 1)
      .map((a) => String(a.effect?.getComputedTiming().duration)),
  );
  expect(moving).toEqual([]);
  await context.close();
});

test('a campaign is found, opened and stopped with the keyboard alone', async ({ page }) => {
  const later = await belay.create('Reached by keys', { when: '20990101 10:00' });
  await signIn(page, belay, 'leer');
  await expect(rowOf(page, later)).toBeVisible();
  await page.keyboard.press('Tab'); // the skip link comes first
  const seen = new Set<string>();
  for (let i = 0; i < 60 && !(await rowOf(page, later).evaluate((row) => row === document.activeElement)); i += 1) {
    seen.add(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    await page.keyboard.press('Tab');
  }
  expect([...seen]).toContain('Skip to the content');
  await expect(rowOf(page, later)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Reached by keys' })).toBeVisible();
  await page.keyboard.press('s');
  await expect(page.getByRole('button', { name: 'Stop now' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('receipt')).toBeVisible();
});
