import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 3000, perSecond: 5000 });
  belay.addUser('chand', 'creator');
});
test.afterAll(() => belay.end());

test('a campaign is written, estimated, kept as a draft, and sent when its number has been typed', async ({
  page,
}) => {
  await signIn(page, belay, 'chand');
  await page.getByRole('link', { name: 'New campaign' }).click();
  const next = page.getByRole('button', { name: 'Next' });
  await next.click();
  await expect(page.getByText('A campaign needs a name')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Written here');
  await next.click();
  await page.getByRole('textbox', { name: 'Property 1' }).fill('Visits');
  await page.getByRole('textbox', { name: 'Operator 1' }).click();
  await page.getByRole('option', { name: 'is at least' }).click();
  await page.getByRole('textbox', { name: 'Value 1' }).fill('1000');
  await expect(page.getByTestId('estimate')).toHaveText('2,000 people now');
  await next.click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Hello {{ Profile.Name }}');
  await page.getByRole('textbox', { name: 'Text' }).fill('Spring is here');
  await expect(page.getByText('Kept as a draft')).toBeVisible();

  await page.goto(`${belay.url}/?show=draft`);
  await page.getByRole('link', { name: 'Written here' }).click();
  for (let step = 0; step < 3; step += 1) await next.click();
  await next.click();
  await expect(page.getByText('Choose when it goes out')).toBeVisible(); // nothing is sent by default
  await page.getByRole('radio', { name: 'Now' }).check();
  await next.click();
  await next.click();
  await expect(page.getByTestId('consequence')).toHaveText('“Written here” goes to 2,000 people now.');
  const send = page.getByRole('button', { name: 'Send it' });
  await expect(send).toBeDisabled();
  await page.getByRole('textbox', { name: 'Type 2,000 to go on' }).fill('2000');
  await send.click();
  await expect(page).toHaveURL(/\/campaigns\/\d+$/);
  const id = Number(/\d+$/.exec(page.url())![0]);
  await expect(page.getByTestId('state')).toHaveText('Completed');
  expect(await belay.received(id)).toBe(2000);

  await page.goto(`${belay.url}/?show=draft`);
  await expect(page.getByText('No drafts.')).toBeVisible();
  await page.goto(belay.url);
  await expect(rowOf(page, id)).toContainText('2,000');
});
