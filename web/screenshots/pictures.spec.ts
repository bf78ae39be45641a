import { mkdirSync } from 'node:fs';
import { test, type Page } from '@playwright/test';
import { Belay } from '../e2e/belay';
import { rowOf } from '../e2e/steps';

const demoCampaign = 1457432766;
const folder = '../docs/images';
let belay: Belay;
test.beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  belay = await Belay.start({ demo: true });
  await belay.create('Winter sale', { labels: ['winter'], when: '20990101 10:00' });
  await belay.create('Delivery notices', { when: '20990102 18:30', target_mode: 'push' });
  await belay.running(demoCampaign);
});
test.afterAll(() => belay.end());

const take = (page: Page, name: string) =>
  page.screenshot({ path: `${folder}/dashboard-${name}.png`, animations: 'disabled' });

async function enter(page: Page) {
  await page.goto(belay.url);
  await page.getByRole('button', { name: 'Look around the demo' }).click();
  await rowOf(page, demoCampaign).waitFor();
  await page
    .getByText(/\/s · .* left/)
    .first()
    .waitFor();
}

test('campaigns, a campaign, the wizard, the sheet and the receipt', async ({ browser }) => {
  const light = await (await browser.newContext({ viewport: { width: 1000, height: 560 } })).newPage();
  await enter(light);
  await take(light, 'campaigns');

  const dark = await (
    await browser.newContext({ viewport: { width: 1000, height: 680 }, colorScheme: 'dark' })
  ).newPage();
  await enter(dark);
  await dark.getByRole('link', { name: 'Diwali sale' }).click();
  await dark.locator('.recharts-area-area').first().waitFor();
  await take(dark, 'campaign');

  await light.goto(`${belay.url}/new?clone=${demoCampaign}`);
  const next = light.getByRole('button', { name: 'Next' });
  for (let step = 0; step < 2; step += 1) await next.click();
  await light.getByTestId('preview').waitFor();
  await light.setViewportSize({ width: 1000, height: 760 });
  await take(light, 'create');

  const phone = await (await browser.newContext({ viewport: { width: 360, height: 640 } })).newPage();
  await enter(phone);
  await rowOf(phone, demoCampaign).getByRole('button', { name: /^Stop/ }).click();
  await phone.getByTestId('outlook').waitFor();
  await take(phone, 'sheet');
  await phone.getByRole('button', { name: 'Stop now' }).click();
  await phone.getByTestId('settled').getByText('settled', { exact: true }).waitFor();
  await take(phone, 'receipt');
});
