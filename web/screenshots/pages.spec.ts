// Every page and sheet, light, dark and on a phone, to be looked at: into the folder BELAY_PAGES, which is not kept.
import { mkdirSync } from 'node:fs';
import { expect, test, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { Belay } from '../e2e/belay';
import { hold, rowOf, signIn } from '../e2e/steps';

const folder = process.env.BELAY_PAGES ?? 'screenshots/pages';
let belay: Belay;
let made: Made;
test.setTimeout(300_000);

interface Made {
  running: number;
  stopped: number;
  paused: number;
  series: number;
  hook: number;
}

async function pausedOne(name: string, labels: string[]) {
  const id = await belay.create(name, { labels });
  await belay.running(id);
  await belay.ask(`/api/v1/campaigns/${id}/pause`, {});
  return id;
}

/** An account in the middle of its day: something in every state. */
async function fill(): Promise<Made> {
  await belay.create('Newsletter, March', { labels: ['news'] }).then((id) => belay.inState(id, 'completed'));
  await belay.behave({ unregistered_every: 9 });
  const stopped = await belay.create('Wrong price: all lamps for 1 rupee', { labels: ['lamps', 'spring'] });
  await belay.running(stopped);
  await belay.ask('/api/v1/stops', { scope: { campaign: stopped }, reason: 'the price is wrong' });
  const paused = await pausedOne('Cart reminder', ['reminder']);
  await belay.create('تخفيضات رمضان الكبرى على كل شيء في المتجر', {
    when: '20990101 10:00',
    content: { title: 'تخفيضات رمضان', body: 'خصم يصل إلى النصف على كل شيء' },
  });
  await belay.create(`A name that ${'goes on and on, '.repeat(9)}and then withoutanyblank${'atall'.repeat(20)}`, {
    when: '20990102 18:30',
    labels: ['a-label-that-is-quite-long-and-has-no-blank', 'spring'],
  });
  const series = await belay.create('Weekly digest', {
    when: { type: 'recurring', repeat_type: 'week', repeats_every: 1, start_time: '20990105 09:00' },
  });
  const hook = await belay.create('Shop system told', {
    target_mode: 'webhook',
    devices: undefined,
    content: undefined,
    provider_nick_name: 'local-webhook',
    webhook_key_value: { shop: 'Pune', season: 'spring' },
    when: '20990101 10:00',
  });
  await belay.ask('/api/v1/webhooks', { url: 'https://hooks.example.com/belay', kinds: ['stop', 'settled'] });
  const running = await belay.create('Diwali sale', {
    labels: ['festival', 'push-all'],
    where: {
      common_profile_properties: { profile_fields: [{ name: 'Visits', operator: 'greater_than', value: 100 }] },
    },
    content: {
      title: 'Hello {{ Profile.Name }}',
      body: 'Everything for the festival at half the price, until Sunday evening',
      platform_specific: {
        android: { wzrk_cid: 'sales', deep_link: 'shop://sale' },
        ios: { deep_link: 'shop://sale' },
      },
    },
  });
  await belay.running(running);
  return { running, stopped, paused, series, hook };
}

test.beforeAll(async () => {
  test.setTimeout(300_000);
  mkdirSync(folder, { recursive: true });
  belay = await Belay.start({ people: 20_000, perSecond: 2000 });
  for (const [name, role] of [
    ['anu', 'admin'],
    ['mira', 'member'],
    ['chand', 'creator'],
  ] as const)
    belay.addUser(name, role);
  made = await fill();
});
test.afterAll(() => belay.end());

const themes: [string, BrowserContextOptions][] = [
  ['light', { viewport: { width: 1280, height: 900 } }],
  ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true }],
];

async function open(browser: Browser, options: BrowserContextOptions) {
  const context = await browser.newContext({ ...options, timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  return context.newPage();
}

for (const [theme, options] of themes) {
  const take = async (page: Page, name: string, fullPage = true) => {
    await page.mouse.move(0, 0);
    await expect(page.getByLabel('Loading')).toHaveCount(0);
    await page.screenshot({ path: `${folder}/${name}-${theme}.png`, animations: 'disabled', fullPage });
  };

  test(`every page, ${theme}`, async ({ browser }) => {
    const page = await open(browser, options);
    await page.goto(belay.url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await take(page, 'sign-in');
    await page.goto(`${belay.url}/sign-in#first=0123456789abcdef`);
    await page.getByRole('heading', { name: 'The first user' }).waitFor();
    await take(page, 'first-user');
    await signIn(page, belay, 'anu');
    await rowOf(page, made.running).waitFor();
    await take(page, 'campaigns');
    await page.goto(`${belay.url}/?q=nothing+like+this`);
    await page.getByText('No campaign matches').waitFor();
    await take(page, 'campaigns-empty');
    for (const [name, id] of Object.entries(made)) {
      await page.goto(`${belay.url}/campaigns/${id}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('region', { name: 'Timeline' }).getByText('Created').waitFor();
      await take(page, `campaign-${name}`);
    }
    for (const path of [
      'stops',
      'stops/stop-1',
      'users',
      'providers',
      'passcodes',
      'webhooks',
      'audit',
      'settings',
    ]) {
      await page.goto(`${belay.url}/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
      await take(page, path.replace('/', '-'));
    }
    await page.goto(`${belay.url}/campaigns/999`);
    await page.getByRole('alert').waitFor();
    await take(page, 'campaign-missing');
  });

  test(`every step of the wizard, ${theme}`, async ({ browser }) => {
    const page = await open(browser, options);
    await signIn(page, belay, 'anu');
    await page.goto(`${belay.url}/new?clone=${made.running}`);
    const next = page.getByRole('button', { name: 'Next' });
    await next.waitFor();
    await take(page, 'new-1');
    await next.click();
    await page.getByTestId('estimate').waitFor();
    await page.getByRole('button', { name: 'Who did…' }).click();
    await take(page, 'new-2');
    await page.getByRole('button', { name: 'Remove event 1' }).click();
    await next.click();
    await page.getByTestId('preview').waitFor();
    await page.getByRole('textbox', { name: 'As it is for' }).fill('u7');
    await page.getByText('Hello Person 7').waitFor();
    await take(page, 'new-3');
    await next.click();
    await next.click();
    await take(page, 'new-4-problem');
    await page.getByRole('radio', { name: 'Again and again' }).check();
    await page.getByLabel('First run, not before').fill('2099-03-01T09:00');
    await page.getByTestId('runs').waitFor();
    await take(page, 'new-4');
    await next.click();
    await take(page, 'new-5');
    await next.click();
    await page.getByTestId('consequence').waitFor();
    await take(page, 'new-6');
    await page.goto(`${belay.url}/?show=draft`);
    await page.getByRole('link', { name: 'Diwali sale (copy)' }).first().waitFor();
    await take(page, 'drafts');
  });

  test(`every sheet, ${theme}`, async ({ browser }) => {
    const page = await open(browser, options);
    await signIn(page, belay, 'anu');
    const paused = await pausedOne(`Paused, ${theme}`, [`only-${theme}`]);
    const id = await belay.create(`To stop, ${theme}`);
    await belay.running(id);
    await page.goto(`${belay.url}/?q=${id}`);
    await rowOf(page, id).getByRole('button', { name: /^Stop/ }).click();
    await page.getByTestId('outlook').waitFor();
    await take(page, 'stop-sheet', false);
    await page.getByRole('button', { name: 'Stop now' }).click();
    await page.getByTestId('settled').getByText('settled', { exact: true }).waitFor();
    await take(page, 'receipt', false);
    await page.keyboard.press('Escape');
    for (const [name, of] of [
      ['Continue the rest…', made.stopped],
      ['Correct those reached…', made.stopped],
      ['Resume…', paused],
    ] as const) {
      await page.goto(`${belay.url}/campaigns/${of}`);
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
      await take(page, `sheet-${name.split(' ')[0]!.toLowerCase().replace('…', '')}`, false);
    }
    await page.goto(`${belay.url}/providers`);
    await page.getByRole('button', { name: 'Test local-fcm' }).click();
    await page.getByRole('textbox', { name: 'Device token' }).waitFor();
    await take(page, 'sheet-test', false);
    await page.goto(`${belay.url}/users`);
    await page.getByRole('button', { name: 'New link for mira' }).click();
    await page.getByTestId('secret').waitFor();
    await take(page, 'secret', false);
    await page.goto(belay.url);
    await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
    await page.getByTestId('outlook').waitFor();
    await take(page, 'stop-everything', false);
    await page.getByText('Label', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Label', exact: true }).fill(`only-${theme}`);
    await take(page, 'stop-label', false);
    const button = page.getByRole('button', { name: 'Hold to stop' });
    await expect(button).toBeEnabled();
    if (theme === 'phone') {
      await button.focus();
      await page.keyboard.down('Enter');
      await page.getByTestId('receipt').waitFor();
      await page.keyboard.up('Enter');
    } else await hold(page, button);
    await take(page, 'receipt-label', false);
    await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
    await page.getByTestId('latch').waitFor();
    await take(page, 'latch', false);
    await page.getByRole('button', { name: /^Release latch/ }).click();
    await expect(page.getByTestId('latch')).toHaveCount(0);
  });
}

test('without the server', async ({ browser }) => {
  const pages = [];
  for (const [theme, options] of themes) {
    const page = await open(browser, options);
    await signIn(page, belay, 'anu');
    await rowOf(page, made.running).waitFor();
    pages.push({ page, theme });
  }
  await belay.kill();
  for (const { page, theme } of pages) {
    await page.getByText('The server cannot be reached').waitFor();
    await page.screenshot({ path: `${folder}/offline-${theme}.png`, animations: 'disabled' });
  }
});
