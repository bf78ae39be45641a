import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { SlowLine } from './slow_line';
import { rowOf, settledReceipt, signIn } from './steps';

let belay: Belay;
let line: SlowLine;
test.beforeAll(async () => {
  belay = await Belay.start();
  belay.addUser('asha', 'creator');
  line = await SlowLine.before(belay.url, (asked) => asked.method === 'POST' && asked.url === '/api/v1/stops');
});
test.afterAll(async () => {
  line.end();
  await belay.end();
});
test.afterEach(() => line.release());

test('a stop gets through although two windows hold every connection that the browser has', async ({ context }) => {
  const id = await belay.create('Two windows');
  await belay.running(id);
  const [page, other] = [await context.newPage(), await context.newPage()];
  await signIn(page, belay, 'asha', line.url);
  await other.goto(line.url);
  for (const one of [page, other]) await expect(rowOf(one, id).getByTestId('state')).toHaveText('Running');
  line.stall();
  // Streams are open; what the pages ask for besides hangs, until there is no connection left. They ask by
  // themselves now and then, and at once when somebody searches.
  for (const one of [page, other]) await one.getByRole('searchbox').fill('Two');
  await expect.poll(() => line.hanging, { timeout: 90_000 }).toBeGreaterThanOrEqual(4);
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  await expect(page.getByTestId('outlook')).toContainText('would be withheld'); // as the page knew it
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = page.getByTestId('receipt');
  await expect(receipt).toContainText(/Stopped in .* handed over, [\d,]+ withheld/);
  await belay.inState(id, 'stopped');
  line.release();
  const { handedOver } = await settledReceipt(page);
  expect(await belay.received(id)).toBe(handedOver);
  await expect(rowOf(other, id).getByTestId('state')).toHaveText('Stopped');
});

test('a server that takes what is asked and says nothing is called away, with the age of the numbers', async ({
  page,
}) => {
  const id = await belay.create('Silent');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await expect(rowOf(page, id)).toContainText('of 20,000 sent');
  belay.freeze();
  await expect(page.getByText('The server cannot be reached')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/The numbers are \d+ s old/)).toBeVisible();
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  await expect(page.getByText('No answer yet')).toBeVisible();
  belay.thaw();
  const { handedOver } = await settledReceipt(page);
  expect(await belay.received(id)).toBe(handedOver);
  await expect(page.getByText('The server cannot be reached')).toBeHidden();
});
