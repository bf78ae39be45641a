import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, settledReceipt } from './steps';

const demoCampaign = 1457432766;
let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ demo: true });
});
test.afterAll(() => belay.end());

test('a newcomer signs in with one click, finds the id under Push, and stops the campaign', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !line.text().includes('401')) wrong.push(line.text());
  });

  await page.goto(belay.url);
  await page.getByRole('button', { name: 'Look around the demo' }).click();
  const push = page.getByRole('region', { name: 'Push' });
  const row = push.locator(`[data-campaign="${demoCampaign}"]`);
  await expect(row).toContainText('Diwali sale');
  await expect(row.getByTestId('state')).toHaveText('Running');
  await expect(row).toContainText('of 100,000 sent');

  await row.getByRole('button', { name: `Copy campaign id ${demoCampaign}` }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(String(demoCampaign));

  await row.getByRole('button', { name: 'Stop Diwali sale' }).click();
  await expect(page.getByTestId('outlook')).toContainText(/are out, [\d,]+ would be withheld, at most/);
  await expect(row.getByTestId('state')).toHaveText('Running');
  await page.getByRole('button', { name: 'Stop now' }).click();
  await expect(page.getByTestId('receipt')).toContainText(/Stopped in .* handed over, [\d,]+ withheld, 0 in doubt/);
  const { handedOver, withheld } = await settledReceipt(page);
  expect(handedOver + withheld).toBe(100_000);

  await page.getByRole('button', { name: 'Copy as text' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`${demoCampaign} "Diwali sale"`);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(rowOf(page, demoCampaign).getByTestId('state')).toHaveText('Stopped');
  expect(wrong).toEqual([]);
});
