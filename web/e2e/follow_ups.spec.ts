import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 6000, perSecond: 2000 });
  belay.addUser('chand', 'creator');
});
test.afterAll(() => belay.end());

/** A campaign that was stopped on its way, with its numbers. */
async function stopped(name: string) {
  const id = await belay.create(name);
  await belay.running(id);
  await belay.ask('/api/v1/stops', { scope: { campaign: id } });
  await expect
    .poll(
      async () => (await belay.ask<{ counts: { in_flight: number } }>(`/api/v1/campaigns/${id}`)).counts.in_flight,
    )
    .toBe(0);
  const { counts } = await belay.ask<{
    counts: Record<'accepted' | 'withheld' | 'in_doubt' | 'handed_over', number>;
  }>(`/api/v1/campaigns/${id}`);
  return { id, counts };
}

const idOf = (page: Page) => Number(/campaigns\/(\d+)$/.exec(page.url())![1]);
const text = (n: number) => n.toLocaleString('en-US');

test('the rest is continued with: exactly those withheld, once', async ({ page }) => {
  const { id, counts } = await stopped('Half of it');
  expect(counts.withheld).toBeGreaterThan(0);
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('button', { name: 'Continue the rest…' }).click();
  await expect(page.getByLabel(`withheld by the stop: ${text(counts.withheld)}`)).toBeChecked();
  await page.getByRole('button', { name: `Send to ${text(counts.withheld)}` }).click();
  await expect(page.getByText('Continues campaign')).toBeVisible();
  const made = idOf(page);
  expect(made).not.toBe(id);
  await expect(page.getByTestId('state')).toHaveText('Completed');
  expect(await belay.received(made)).toBe(counts.withheld);
  expect(await belay.received(id)).toBe(counts.handed_over);

  // The same people once only: the sheet says so, and sends nothing.
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('button', { name: 'Continue the rest…' }).click();
  await page.getByRole('button', { name: `Send to ${text(counts.withheld)}` }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
});

test('those reached are corrected: another text for exactly them', async ({ page }) => {
  const { id, counts } = await stopped('The wrong price');
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('button', { name: 'Correct those reached…' }).click();
  const reached = counts.accepted + counts.in_doubt;
  const send = page.getByRole('button', { name: `Send to ${text(reached)}` });
  await expect(send).toBeDisabled();
  await page.getByRole('textbox', { name: 'Title' }).fill('Sorry');
  await page.getByRole('textbox', { name: 'Text' }).fill('The price is 10');
  await expect(page.getByRole('dialog').getByTestId('preview')).toContainText('The price is 10');
  await send.click();
  await expect(page.getByText('Corrects campaign')).toBeVisible();
  await expect(page.getByTestId('state')).toHaveText('Completed');
  await expect(page.getByRole('region', { name: 'Content' })).toContainText('The price is 10');
  expect(await belay.received(idOf(page))).toBe(reached);
});

test('a clone has the content and the audience, and no schedule', async ({ page }) => {
  const id = await belay.create('Template', {
    when: '20990101 10:00',
    where: {
      common_profile_properties: { profile_fields: [{ name: 'Visits', operator: 'less_than', value: 100 }] },
    },
  });
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('link', { name: 'Clone' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Template (copy)');
  const next = page.getByRole('button', { name: 'Next' });
  await next.click();
  await expect(page.getByRole('textbox', { name: 'Property 1' })).toHaveValue('Visits');
  await expect(page.getByTestId('estimate')).toHaveText('100 people now');
  await next.click();
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Hello from Template');
  await next.click();
  for (const kind of ['Now', 'Later', 'Again and again'])
    await expect(page.getByRole('radio', { name: kind })).not.toBeChecked();
  await next.click();
  await expect(page.getByText('Choose when it goes out')).toBeVisible();
  await page.getByRole('radio', { name: 'Now' }).check();
  await next.click();
  await next.click();
  await page.getByRole('button', { name: 'Send it' }).click();
  await expect(page.getByTestId('state')).toHaveText('Completed');
  expect(await belay.received(idOf(page))).toBe(100);
});
