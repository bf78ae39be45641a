import { expect, test } from '@playwright/test';
import { Belay, account, password } from './belay';
import { signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 40 });
  belay.addUser('anu', 'admin');
  belay.addUser('mira', 'member');
});
test.afterAll(() => belay.end());

test('a provider is tested with one message to one address, and its answer is shown', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('link', { name: 'Providers' }).click();
  await page.getByRole('button', { name: 'Test local-fcm' }).click();
  await page.getByRole('textbox', { name: 'Device token' }).fill('token-of-mine');
  await page.getByRole('button', { name: 'Send it' }).click();
  await expect(page.getByTestId('verdict')).toContainText('The provider took it');
  await expect(page.getByTestId('verdict')).toContainText('Status 200');
  expect(await belay.receivedAtAll()).toBe(1);
  await belay.behave({ unregistered_every: 1 });
  await page.getByRole('button', { name: 'Send another' }).click();
  await expect(page.getByTestId('verdict')).toContainText('knows no such address');
  await belay.behave({ unregistered_every: 0 });
});

test('an Admin chooses from how many people on a number is typed, and the review asks from there on', async ({
  page,
}) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Asia/Kolkata:')).toBeVisible();
  await expect(page.getByTestId('confirm-from')).toContainText('From 1,000 people');
  await page.getByRole('textbox', { name: 'From so many people on' }).fill('40');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByTestId('confirm-from')).toContainText('From 40 people');

  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Forty');
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Title' }).fill('t');
  await page.getByRole('textbox', { name: 'Text' }).fill('b');
  await next.click();
  await page.getByRole('radio', { name: 'Now' }).check();
  await next.click();
  await next.click();
  await expect(page.getByRole('button', { name: 'Send it' })).toBeDisabled();
  await page.getByRole('textbox', { name: 'Type 40 to go on' }).fill('40');
  await expect(page.getByRole('button', { name: 'Send it' })).toBeEnabled();
});

test('the account’s guardrails are set, and hold', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.goto(`${belay.url}/settings`);
  await page.getByRole('textbox', { name: 'People a day, at most' }).fill('5000');
  await page.getByRole('textbox', { name: 'Failures, at most' }).fill('20');
  await page.getByRole('button', { name: 'Save guardrails' }).click();
  await expect.poll(() => belay.cli(['account', 'guardrails', account, '--json'])).toContain('5000');
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Failures, at most' })).toHaveValue('20 %');
});

test('the account’s caps and control group are set, and hold', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.goto(`${belay.url}/settings`);
  await page.getByRole('button', { name: 'Add a cap' }).click();
  await page.getByRole('textbox', { name: 'Cap 1: messages, at most' }).fill('2');
  await page.getByRole('textbox', { name: 'Control group' }).fill('5');
  await page.getByRole('button', { name: 'Save caps' }).click();
  await expect
    .poll(() => belay.cli(['account', 'reach', account, '--json']).replaceAll(/\s/g, ''))
    .toContain('"frequency_caps":[{"messages":2,"per":"day"}]');
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Control group' })).toHaveValue('5 %');
});

test('a Member sees the settings and changes none but their own', async ({ page, browser }) => {
  await signIn(page, belay, 'mira');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByTestId('confirm-from')).toContainText('people on');
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toHaveCount(0);
  await expect(page.getByText('An Admin sees and sets them.')).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Save caps' })).toHaveCount(0);
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');

  const other = await (await browser.newContext()).newPage();
  await signIn(other, belay, 'mira');
  await page.getByRole('textbox', { name: 'Present password' }).fill(password);
  await page.getByRole('textbox', { name: /^New password/ }).fill('quite another password');
  await page.getByRole('button', { name: 'Change it' }).click();
  await expect(page.getByText('Every other session of yours has ended')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await other.context().close();
});
