import { expect, test } from '@playwright/test';
import { Belay, account, password } from './belay';
import { signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 5 });
});
test.afterAll(() => belay.end());

test('the first user comes by the one-time link that the first start prints, and is an Admin', async ({ page }) => {
  await page.goto(`${belay.url}${belay.firstLink()}`);
  await expect(page.getByRole('heading', { name: 'The first user' })).toBeVisible();
  await page.getByLabel('User').fill('ann');
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Go in' }).click();
  await expect(page.getByRole('heading', { name: 'Campaigns' })).toBeVisible();
  await page.getByRole('link', { name: 'Users' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'ann' })).toBeVisible();
});

test('whoever fails again and again is told how long to wait, also with the right password', async ({ page }) => {
  belay.addUser('mira', 'member');
  await page.goto(belay.url);
  const enter = async (secret: string) => {
    await page.getByLabel('Account').fill(account);
    await page.getByLabel('User').fill('mira');
    await page.getByRole('textbox', { name: 'Password' }).fill(secret);
    const answered = page.waitForResponse(/\/api\/v1\/session$/);
    await page.getByRole('button', { name: 'Sign in' }).click();
    return (await answered).status();
  };
  let status = 0;
  for (let i = 0; i < 30 && status !== 429; i += 1) status = await enter(`not the password ${i}`);
  expect(status).toBe(429);
  await expect(page.getByRole('alert')).toContainText(/try again in \d+ seconds/);
});

test('signing out everywhere from the menu ends the other browsers’ sessions, too', async ({ page, browser }) => {
  belay.addUser('chand', 'creator');
  await signIn(page, belay, 'chand');
  const other = await (await browser.newContext()).newPage();
  await signIn(other, belay, 'chand');
  await page.getByRole('button', { name: 'Signed in as chand' }).click();
  await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await other.context().close();
});
