import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

let belay: Belay;
let id: number;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 100 });
  belay.addUser('mira', 'member');
  belay.addUser('chand', 'creator');
  belay.addUser('anu', 'admin');
  id = await belay.create('Later', { when: '20990101 10:00' });
});
test.afterAll(() => belay.end());

test('a Member sees and may not stop: neither on the page nor past it', async ({ page }) => {
  await signIn(page, belay, 'mira');
  await expect(rowOf(page, id).getByRole('button', { name: /^Stop/ })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Stop everything', exact: true })).toBeDisabled();
  await expect(page.getByRole('link', { name: 'Users' })).toBeHidden();
  await rowOf(page, id).focus();
  await page.keyboard.press('s');
  await expect(page.getByRole('dialog')).toBeHidden();
  const refused = await page.evaluate(async (campaign) => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    const response = await fetch('/api/v1/stops', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Belay-CSRF': csrf },
      body: JSON.stringify({ scope: { campaign } }),
    });
    return response.status;
  }, id);
  expect(refused).toBe(403);
});

test('a Creator may stop, and does not see the account’s settings', async ({ page }) => {
  await signIn(page, belay, 'chand');
  await expect(rowOf(page, id).getByRole('button', { name: /^Stop/ })).toBeEnabled();
  await expect(page.getByRole('link', { name: 'Users' })).toBeHidden();
});

test('an Admin adds a user, whose link works once and lets them in', async ({ page, browser }) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('button', { name: 'Add a user' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('new.one');
  await page.getByRole('button', { name: 'Add, and show the link' }).click();
  const link = await page.getByTestId('secret').innerText();
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect(page.getByTestId('secret')).toBeHidden();

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await other.getByRole('textbox', { name: 'Password' }).fill('their own password');
  await other.getByRole('button', { name: 'Go in' }).click();
  await expect(other.getByRole('heading', { name: 'Campaigns' })).toBeVisible();
  await other.context().clearCookies();
  await other.goto('about:blank');
  await other.goto(link);
  await other.getByRole('textbox', { name: 'Password' }).fill('their own password');
  await other.getByRole('button', { name: 'Go in' }).click();
  await expect(other.getByRole('alert')).toContainText('used');
  await other.context().close();
});

test('a new passcode is shown once, works, and is refused when it has been removed', async ({ page, request }) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('link', { name: 'Passcodes' }).click();
  await page.getByRole('button', { name: 'Add a passcode' }).click();
  const passcode = await page.getByTestId('secret').innerText();
  await page.getByRole('button', { name: 'I have it' }).click();
  const call = async () =>
    (
      await request.get(`${belay.url}/api/v1/stops`, {
        headers: { 'X-CleverTap-Account-Id': 'TEST-123-4567', 'X-CleverTap-Passcode': passcode },
      })
    ).status();
  expect(await call()).toBe(200);
  await expect(page.getByText(passcode)).toBeHidden();
  await page
    .getByRole('row')
    .filter({ hasText: passcode.slice(0, 3) })
    .getByRole('button', { name: /^Remove/ })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('row').filter({ hasText: passcode.slice(0, 3) })).toBeHidden();
  expect(await call()).toBe(401);
});

test('a passcode is rotated without a gap: both work until the old one is removed', async ({ page, request }) => {
  await signIn(page, belay, 'anu');
  await page.goto(`${belay.url}/passcodes`);
  const rotate = page.getByRole('button', { name: /^Rotate passcode QWE/ });
  await rotate.click();
  await expect(page.getByRole('dialog')).toContainText('works until you remove it');
  const passcode = await page.getByTestId('secret').innerText();
  await page.getByRole('button', { name: 'I have it' }).click();
  for (const each of [passcode, 'QWE-RTY-UIOP']) {
    const answer = await request.get(`${belay.url}/api/v1/stops`, {
      headers: { 'X-CleverTap-Account-Id': 'TEST-123-4567', 'X-CleverTap-Passcode': each },
    });
    expect(answer.status()).toBe(200);
  }
});

test('signing out ends the session, and the wrong password does not begin one', async ({ page }) => {
  await signIn(page, belay, 'mira');
  await page.getByRole('button', { name: 'Signed in as mira' }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByLabel('User').fill('mira');
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('wrong');
});
