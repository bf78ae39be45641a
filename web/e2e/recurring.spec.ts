import { expect, test } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ people: 300, perSecond: 5000 });
  belay.addUser('chand', 'creator');
});
test.afterAll(() => belay.end());

/** Two hours from now, as a browser's field has it, in the account's zone (+05:30, no clock changes). */
const soon = () => new Date(Date.now() + (2 + 5.5) * 3_600_000).toISOString().slice(0, 16);

test('a recurring campaign is made with a preview of its runs, runs, awaits the next one, and is stopped', async ({
  page,
}) => {
  const first = soon();
  await signIn(page, belay, 'chand');
  await page.goto(`${belay.url}/new`);
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Every second day');
  await next.click();
  await page.getByText('Everybody', { exact: true }).click();
  await next.click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Again');
  await page.getByRole('textbox', { name: 'Text' }).fill('And again');
  await next.click();
  await page.getByRole('radio', { name: 'Again and again' }).check();
  await page.getByLabel('First run, not before').fill(first);
  await page.getByRole('textbox', { name: 'Every' }).fill('2');
  await page.getByText('after', { exact: true }).click();
  await page.getByRole('textbox', { name: 'How many runs' }).fill('3');
  const runs = page.getByTestId('runs');
  await expect(runs).toContainText(`every 2 days at ${first.slice(11)}, 3 times`);
  await expect(runs.getByRole('listitem')).toHaveCount(3);
  const shown = await runs.getByRole('listitem').allInnerTexts();
  await next.click();
  await next.click();
  await expect(page.getByTestId('consequence')).toContainText('goes to 300 people every 2 days');
  await page.getByRole('button', { name: 'Schedule it' }).click();
  await expect(page).toHaveURL(/\/campaigns\/\d+$/);
  const id = Number(/\d+$/.exec(page.url())![0]);

  // What the server will do is what the preview said.
  const schedule = page.getByRole('region', { name: 'Schedule' });
  await expect(page.getByTestId('recurrence')).toContainText('every 2 days');
  for (const run of shown) await expect(schedule).toContainText(run);
  await expect(page.getByRole('region', { name: 'Runs' })).toContainText('It has not run yet.');
  await expect(page.getByTestId('state').first()).toHaveText('Scheduled');

  await belay.advance(2.05); // a session that nobody uses for half a day is over
  const run = page.getByRole('region', { name: 'Runs' }).getByRole('link', { name: 'Run 1' });
  await expect(run).toBeVisible();
  await expect(page.getByTestId('state').first()).toHaveText('Awaiting next run');
  await page.goto(`${belay.url}/?show=awaiting`);
  await expect(rowOf(page, id).getByTestId('state')).toHaveText('Awaiting next run');
  await expect(rowOf(page, id)).toContainText('every 2 days');
  await page.goto(`${belay.url}/?series=${id}`);
  await expect(page.getByText(`Runs of ${id}`)).toBeVisible();
  await expect(page.locator('[data-campaign]')).toHaveCount(1);
  await expect(page.locator('[data-campaign]')).toContainText('run 1');
  await page.getByRole('link', { name: 'Every second day' }).click();
  await expect(page.getByText(`Run 1 of recurring campaign ${id}`)).toBeVisible();
  await expect(page.getByTestId('state')).toHaveText('Completed');
  const runId = Number(/\d+$/.exec(page.url())![0]);
  expect(await belay.received(runId)).toBe(300);

  await page.goto(`${belay.url}/campaigns/${id}`);
  await page.getByRole('button', { name: /^Stop Every/ }).click();
  await page.getByRole('button', { name: 'Stop now' }).click();
  await expect(page.getByTestId('receipt')).toBeVisible();
  await page.getByTestId('receipt').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByTestId('state').first()).toHaveText('Stopped');
  await belay.advance(49);
  const series = await belay.ask<{ state: string; runs: unknown[] }>(`/api/v1/campaigns/${id}`);
  expect(series.state).toBe('stopped');
  expect(series.runs).toHaveLength(1);
  expect(await belay.received(runId)).toBe(300);
});
