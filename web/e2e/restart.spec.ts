import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start();
  belay.addUser('asha', 'creator');
});
test.afterAll(() => belay.end());

test('an open page says how old its numbers are while the server is away, and goes on when it is back', async ({
  page,
}) => {
  const id = await belay.create('Over a crash');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  const row = rowOf(page, id);
  await expect(row).toContainText('of 20,000 sent');

  await belay.kill();
  await expect(page.getByText('The server cannot be reached')).toBeVisible();
  await expect(page.getByText(/The numbers are \d+ s old/)).toBeVisible();
  await expect(row).toContainText('of 20,000 sent');

  await row.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  await expect(page.getByRole('alert')).toContainText('may have arrived or not');

  await belay.serve();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('receipt')).toContainText(/withheld/);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText('The server cannot be reached')).toBeHidden();
  await expect(row.getByTestId('state')).toHaveText('Stopped');
});
