import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 30 });
  belay.addUser('chand', 'creator');
  await belay.ask('/1/upload', {
    d: [3, 4, 5].map((n) => ({
      type: 'event',
      identity: `u${n}`,
      evtName: 'Bought',
      ts: Math.floor(Date.now() / 1000) - 3600,
      evtData: { Item: 'lamp' },
    })),
  });
});
test.afterAll(() => belay.end());

test('an audience is built of properties and events, counted live and part by part', async ({ page }) => {
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Who bought');
  await next.click();
  await page.getByRole('textbox', { name: 'Property 1' }).fill('Visits');
  await page.getByRole('textbox', { name: 'Operator 1' }).click();
  await page.getByRole('option', { name: 'is at least' }).click();
  await page.getByRole('textbox', { name: 'Value 1' }).fill('4');
  await expect(page.getByTestId('estimate')).toHaveText('26 people now');
  await page.getByRole('button', { name: 'Who did…' }).click();
  await page.getByRole('textbox', { name: 'Event 1' }).click();
  await page.getByRole('option', { name: 'Bought' }).click(); // the account's own events
  await expect(page.getByTestId('estimate')).toHaveText('2 people now');
  await expect(page.getByTestId('parts')).toContainText(': 26');
  await expect(page.getByTestId('parts')).toContainText(': 3');
  await page.getByRole('textbox', { name: 'They did 1' }).click();
  await page.getByRole('option', { name: 'did not' }).click();
  await expect(page.getByTestId('estimate')).toHaveText('24 people now');
});

test('content is shown as one person would get it, and a mistake in it stands at its field', async ({ page }) => {
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('For one');
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Hello {{ Profile.Name }}');
  await page.getByRole('textbox', { name: 'Text' }).fill('You came {{ Profile.Visits }} times');
  await page.getByRole('textbox', { name: 'As it is for' }).fill('u7');
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('Hello Person 7');
  await expect(preview).toContainText('You came 7 times');
  await page.getByRole('textbox', { name: 'As it is for' }).fill('nobody');
  await expect(page.getByText(/no profile with the identity/)).toBeVisible();
  await page.getByRole('textbox', { name: 'As it is for' }).fill('');
  await expect(preview).toContainText('{{ Profile.Name }}');
  await page.getByRole('textbox', { name: 'Title' }).fill('Hello {{ Profile.Name | shout }}');
  await expect(page.getByText(/Unknown filter "shout"/)).toBeVisible();

  // The same on a campaign's own page.
  const id = await belay.create('Shown', {
    when: '20990101 10:00',
    content: { title: 'Dear {{ Profile.Name }}', body: 'b' },
  });
  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('textbox', { name: 'As it is for' }).fill('u9');
  await expect(page.getByTestId('preview')).toContainText('Dear Person 9');
});
