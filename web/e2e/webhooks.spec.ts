import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, settledReceipt, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 20_000, perSecond: 400 });
  belay.addUser('anu', 'admin');
});
test.afterAll(() => belay.end());

test('a webhook campaign stands in a section of its own, and is stopped there', async ({ page }) => {
  const push = await belay.create('By push', { when: '20990101 10:00' });
  const hook = await belay.create('By webhook', {
    target_mode: 'webhook',
    devices: undefined,
    content: undefined,
    provider_nick_name: 'local-webhook',
    webhook_key_value: { shop: 'Pune' },
  });
  await belay.running(hook);
  await signIn(page, belay, 'anu');
  const section = page.getByRole('region', { name: 'Webhook' });
  await expect(section.locator(`[data-campaign="${hook}"]`)).toBeVisible();
  await expect(section.locator(`[data-campaign="${push}"]`)).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Push' }).locator(`[data-campaign="${hook}"]`)).toHaveCount(0);
  await rowOf(page, hook).getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = await settledReceipt(page);
  expect(await belay.received(hook)).toBe(receipt.handedOver);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await rowOf(page, hook).getByRole('link', { name: 'By webhook' }).click();
  await expect(page.getByRole('region', { name: 'Content' })).toContainText('Pune');
});

test('an address is told of a stop: one secret, shown once; its deliveries; and its removal', async ({ page }) => {
  await signIn(page, belay, 'anu');
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await expect(page.getByText('Nobody is told.')).toBeVisible();
  await page.getByRole('button', { name: 'Add a webhook' }).click();
  const url = `${belay.sinkUrl}/told`;
  await page.getByRole('textbox', { name: 'Where' }).fill(url);
  await page.getByRole('button', { name: 'Add, and show its secret' }).click();
  const secret = await page.getByTestId('secret').innerText();
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.reload();
  await expect(page.getByRole('row').filter({ hasText: url })).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);

  const id = await belay.create('Told of', { when: '20990101 10:00' });
  await belay.ask('/api/v1/stops', { scope: { campaign: id } });
  await page.getByRole('button', { name: `Deliveries to ${url}` }).click();
  await expect(page.getByRole('dialog')).toContainText(`stop of ${id}`);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: `Remove ${url}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Nobody is told.')).toBeVisible();
});
