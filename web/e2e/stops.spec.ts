import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { hold, rowOf, settledReceipt, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start();
  belay.addUser('asha', 'creator');
});
test.afterAll(() => belay.end());

/** The sink's own count must be the receipt's, and stay so. */
async function provedBySink(id: number, handedOver: number) {
  expect(handedOver).toBeGreaterThan(0);
  expect(await belay.received(id)).toBe(handedOver);
}

test('a stop from the list withholds exactly those whom the sink never saw', async ({ page }) => {
  const id = await belay.create('From the list');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  await page.getByLabel('Reason').fill('wrong template');
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = await settledReceipt(page);
  expect(receipt.handedOver + receipt.withheld).toBe(20_000);
  await expect(page.getByTestId('receipt')).toContainText('Reason: wrong template');
  await provedBySink(id, receipt.handedOver);
  await page.reload();
  await expect(rowOf(page, id).getByTestId('state')).toHaveText('Stopped');
  await provedBySink(id, receipt.handedOver);
});

test('a stop from the campaign’s page, its reason given afterwards, leads to the people', async ({ page }) => {
  const id = await belay.create('From its page');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await rowOf(page, id).getByRole('link', { name: 'From its page' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'From its page' })).toBeVisible();
  await page.getByRole('button', { name: /^Stop From/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = await settledReceipt(page);
  await provedBySink(id, receipt.handedOver);
  await page.getByTestId('receipt').getByLabel('Reason').fill('wrong price');
  await page.getByTestId('receipt').getByRole('button', { name: 'Add' }).click();
  await expect(page.getByTestId('receipt')).toContainText('Reason: wrong price');
  await page
    .getByTestId('receipt')
    .getByRole('link', { name: /withheld$/ })
    .click();
  await expect(page).toHaveURL(/people=withheld/);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('region', { name: 'People' }).getByRole('row').nth(1)).toContainText('withheld');
  await provedBySink(id, receipt.handedOver);

  // The receipt taken away: as JSON, and as CSV of one line a campaign.
  await page
    .getByRole('link', { name: /^Receipt / })
    .first()
    .click();
  const taken = async (format: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: format, exact: true }).click();
    return readFileSync(await (await download).path(), 'utf8');
  };
  expect(JSON.parse(await taken('JSON'))).toMatchObject({
    campaign: id,
    withheld: receipt.withheld,
    settled: true,
  });
  const [head, line] = (await taken('CSV')).split('\r\n').map((text) => text.split(','));
  expect(line![head!.indexOf('campaign')]).toBe(String(id));
  expect(line![head!.indexOf('withheld')]).toBe(String(receipt.withheld));
});

test('`s` on a row and Enter stop it without a mouse', async ({ page }) => {
  const id = await belay.create('By keyboard');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await rowOf(page, id).focus();
  await page.keyboard.press('s');
  await expect(page.getByTestId('outlook')).toContainText('would be withheld');
  await expect(page.getByRole('button', { name: 'Stop now' })).toBeFocused();
  await page.keyboard.press('Enter');
  const receipt = await settledReceipt(page);
  await provedBySink(id, receipt.handedOver);
});

test('a stop gets through while everything else that the page asks for hangs', async ({ page }) => {
  const id = await belay.create('Slow line');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await expect(rowOf(page, id)).toBeVisible();
  let release = () => {};
  const held = new Promise<void>((go) => (release = go));
  await page.route(/\/api\/v1\/(campaigns|latches|stops\/preview)/, async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  await expect(page.getByText('Stopping does not wait for them')).toBeVisible();
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = await settledReceipt(page);
  await provedBySink(id, receipt.handedOver);
  release();
});

test('what one browser stops, another sees without asking', async ({ page, browser }) => {
  const id = await belay.create('Two browsers');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  const other = await (await browser.newContext()).newPage();
  await signIn(other, belay, 'asha');
  await expect(rowOf(other, id).getByTestId('state')).toHaveText('Running');
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  await settledReceipt(page);
  await expect(rowOf(other, id).getByTestId('state')).toHaveText('Stopped');
  await other.context().close();
});

test('stop everything is held down, leaves a latch on every page, and releasing it sends nothing', async ({
  page,
}) => {
  const one = await belay.create('Everything, one');
  await belay.running(one);
  const waiting = await belay.create('Everything, waiting', { when: '20990101 10:00' });
  await signIn(page, belay, 'asha');
  await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
  await expect(page.getByTestId('outlook')).toContainText('2 campaigns.');
  const button = page.getByRole('button', { name: 'Hold to stop' });
  await button.click({ delay: 50 }); // a click is no hold
  await expect(button).toBeVisible();
  await hold(page, button);
  const receipt = await settledReceipt(page);
  await provedBySink(one, receipt.handedOver);
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByTestId('latch')).toContainText('Releasing sends nothing by itself');
  await page.getByRole('link', { name: 'Stops' }).click();
  await expect(page.getByTestId('latch')).toBeVisible();
  await page.getByRole('button', { name: /^Release latch/ }).click();
  await expect(page.getByTestId('latch')).toBeHidden();
  await page.getByRole('link', { name: 'Campaigns', exact: true }).click();
  await expect(rowOf(page, one).getByTestId('state')).toHaveText('Stopped');
  await expect(rowOf(page, waiting).getByTestId('state')).toHaveText('Stopped');
  await provedBySink(one, receipt.handedOver);
  expect(await belay.received(waiting)).toBe(0);
});

test('a paused campaign lies still, and goes on where it was: the page says to how many', async ({ page }) => {
  const id = await belay.create('Paused');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByTestId('state')).toHaveText('Paused');
  await expect(page.getByTestId('count-in_flight')).toHaveText('0');
  const sent = Number((await page.getByTestId('sent').innerText()).replaceAll(',', ''));
  expect(await belay.received(id)).toBe(sent);
  await page.getByRole('button', { name: 'Resume…' }).click();
  await expect(page.getByRole('dialog')).toContainText('Nobody is sent to twice');
  const rest = (20_000 - sent).toLocaleString('en-US');
  await page.getByRole('button', { name: `Resume: send to ${rest}` }).click();
  await expect(page.getByTestId('state')).toHaveText('Running');
  await expect.poll(() => belay.received(id)).toBeGreaterThan(sent);
  await page.getByRole('button', { name: /^Stop Paused/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  const receipt = await settledReceipt(page);
  await provedBySink(id, receipt.handedOver);
});

test('on a phone of 360 pixels a stop needs one thumb and nothing sticks out', async ({ page }) => {
  const id = await belay.create(
    'On a phone, with a name that is long enough to need several lines on such a small screen',
  );
  await belay.running(id);
  await page.setViewportSize({ width: 360, height: 640 });
  await signIn(page, belay, 'asha');
  const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await tooWide()).toBeLessThanOrEqual(0);
  await expect(page.getByRole('button', { name: 'Stop everything', exact: true })).toBeInViewport();
  await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
  const stop = page.getByRole('button', { name: 'Stop now' });
  await expect(page.getByTestId('outlook')).toContainText('would be withheld');
  const box = (await stop.boundingBox())!;
  expect(box.y).toBeGreaterThan(320); // the lower half
  expect(box.height).toBeGreaterThanOrEqual(40);
  await stop.click();
  const receipt = await settledReceipt(page);
  await provedBySink(id, receipt.handedOver);
  expect(await tooWide()).toBeLessThanOrEqual(0);
});

test('everything of one label is stopped, of a channel the count is shown, and what has another label goes on', async ({
  page,
}) => {
  const wrong = await belay.create('Labelled', { labels: ['wrong-price'], when: '20990101 10:00' });
  const right = await belay.create('Not labelled', { labels: ['fine'], when: '20990101 10:00' });
  await signIn(page, belay, 'asha');
  await expect(rowOf(page, wrong)).toBeVisible();
  await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByText('Channel', { exact: true }).click();
  await expect(page.getByTestId('outlook')).toContainText(/^\d+ campaigns?\./);
  await sheet.getByText('Label', { exact: true }).click();
  await sheet.getByRole('textbox', { name: 'Label', exact: true }).click();
  await page.getByRole('option', { name: 'wrong-price' }).click(); // the labels that the page has seen
  await expect(page.getByTestId('outlook')).toContainText('1 campaign.');
  await sheet.getByRole('checkbox', { name: /let nothing start/ }).uncheck();
  await hold(page, page.getByRole('button', { name: 'Hold to stop' }));
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(rowOf(page, wrong).getByTestId('state')).toHaveText('Stopped');
  await expect(rowOf(page, right).getByTestId('state')).toHaveText('Scheduled');
  await expect(page.getByTestId('latch')).toHaveCount(0);
});
