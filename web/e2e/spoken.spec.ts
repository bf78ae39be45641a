// What a screen reader hears: progress politely, and a stop's result at once.
import { expect, test, type Page } from '@playwright/test';
import { Belay } from './belay';
import { rowOf, signIn } from './steps';

let belay: Belay;
test.beforeAll(async () => {
  belay = await Belay.start({ perSecond: 300 });
  belay.addUser('asha', 'creator');
});
test.afterAll(() => belay.end());

/** Everything that has appeared in places of that kind, from now on. */
async function listen(page: Page) {
  await page.evaluate(() => {
    const heard = ((window as unknown as { heard: [string, string][] }).heard = []) as [string, string][];
    const kinds = { polite: '[aria-live="polite"], [role="status"]', assertive: '[role="alert"]' };
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const at = target instanceof Element ? target : target.parentElement;
        for (const [kind, places] of Object.entries(kinds)) {
          const place = at?.closest(places) ?? (at?.querySelector(places) as Element | null);
          if (place?.textContent) heard.push([kind, place.textContent]);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

const heard = (page: Page, kind: string) =>
  page.evaluate(
    (wanted) =>
      (window as unknown as { heard: [string, string][] }).heard
        .filter(([k]) => k === wanted)
        .map(([, text]) => text),
    kind,
  );

test('progress is said politely, and what a stop did at once', async ({ page }) => {
  const id = await belay.create('Spoken');
  await belay.running(id);
  await signIn(page, belay, 'asha');
  await rowOf(page, id).getByRole('link', { name: 'Spoken' }).click();
  await expect(page.getByTestId('sent')).toBeVisible();
  await listen(page);
  await expect
    .poll(async () => (await heard(page, 'polite')).join('\n'), { timeout: 30_000 })
    .toMatch(/[\d,]+ of 20,000 sent: /);
  await page.keyboard.press('s');
  await page.getByRole('button', { name: 'Stop now' }).click();
  await expect
    .poll(async () => (await heard(page, 'assertive')).join('\n'))
    .toMatch(/Stopped in .* handed over, [\d,]+ withheld/);
  await expect.poll(async () => (await heard(page, 'polite')).join('\n')).toContain('Every number is final');
});
