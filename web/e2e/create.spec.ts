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

test('what the server refuses is said where it can be mended: a link wants Android’s channel', async ({ page }) => {
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('With a link');
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Title' }).fill('t');
  await page.getByRole('textbox', { name: 'Text' }).fill('b');
  await page.getByRole('textbox', { name: 'Opens' }).fill('shop://sale');
  await next.click();
  await expect(page.getByText('show nothing without a channel')).toBeVisible();
  await page.getByRole('textbox', { name: 'Android’s notification channel' }).fill('sales');
  await next.click();
  await page.getByRole('radio', { name: 'Later' }).check();
  await page.getByLabel('Day and time').fill('2020-01-01T09:00');
  await next.click();
  await expect(page.getByText('That time has passed')).toBeVisible();
  await page.getByLabel('Day and time').fill('2099-01-01T09:00');
  await next.click();
  await next.click();
  await page.getByRole('textbox', { name: /^Type 3,000/ }).fill('3000');
  await page.getByRole('button', { name: 'Schedule it' }).click();
  await expect(page.getByTestId('state')).toHaveText('Scheduled');
});

test('an e-mail is shown as on a phone: its styles hold, and nothing of it runs, loads or leads away', async ({
  page,
}) => {
  const wrong: string[] = [];
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => wrong.push('a dialog')));
  page.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
  page.on('request', (asked) => !asked.url().startsWith(belay.url) && wrong.push(asked.url()));
  await signIn(page, belay, 'chand');
  wrong.length = 0; // before signing in the session is asked for, and refused
  await page.getByRole('link', { name: 'New campaign' }).click();
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('A letter');
  await page.getByText('E-mail', { exact: true }).click();
  await expect(page.getByText('This server does not send on this channel yet')).toBeVisible();
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Sender’s name' }).fill('The shop');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Half the price');
  await page
    .getByRole('textbox', { name: 'HTML' })
    .fill(
      '<style>h1 { color: rgb(201, 42, 42) }</style><h1>Hello</h1><p style="color: rgb(21, 95, 161)">All lamps</p>' +
        '<script>alert(1)</script><img alt="A lamp" src="https://x.example/l.png" onerror="alert(2)">' +
        '<a href="https://x.example/" onclick="alert(3)">Go there</a><iframe src="https://x.example/"></iframe>',
    );
  const mail = page.frameLocator('iframe[title="The e-mail"]');
  await expect(mail.getByRole('heading', { name: 'Hello' })).toHaveCSS('color', 'rgb(201, 42, 42)');
  await expect(mail.getByText('All lamps')).toHaveCSS('color', 'rgb(21, 95, 161)');
  await expect(mail.getByText('[A lamp]')).toBeVisible();
  await mail.getByText('Go there').click();
  await expect(mail.locator('script, iframe, img, [href], [onclick]')).toHaveCount(0);
  await next.click();
  await page.getByRole('radio', { name: 'Now' }).check();
  await next.click();
  await next.click();
  await expect(page.getByText('It stays a draft')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send it' })).toHaveCount(0);
  expect(wrong).toEqual([]);
});

test('a text message is counted in the parts that it is sent in', async ({ page }) => {
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('A text');
  await page.getByText('SMS', { exact: true }).click();
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Text' }).fill('a'.repeat(161));
  await expect(page.getByTestId('sms-parts')).toHaveText('2 parts: 161 of 306 places');
  await page.getByRole('textbox', { name: 'Text' }).fill('₹ 499');
  await expect(page.getByTestId('sms-parts')).toHaveText('1 part: 5 of 70 places, as Unicode');
});
