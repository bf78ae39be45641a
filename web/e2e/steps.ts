// What people do on the page, under the words that the tests use.
import { expect, type Locator, type Page } from '@playwright/test';
import { account, password, type Belay } from './belay';

export async function signIn(page: Page, belay: Belay, user: string, at = belay.url) {
  await page.goto(at);
  await page.getByLabel('Account').fill(account);
  await page.getByLabel('User').fill(user);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Campaigns' })).toBeVisible();
}

export const rowOf = (page: Page, id: number): Locator => page.locator(`[data-campaign="${id}"]`);

const numberIn = async (place: Locator) => Number((await place.innerText()).replaceAll(',', ''));

export interface Shown {
  handedOver: number;
  withheld: number;
  inDoubt: number;
}

/** The numbers of the receipt on the page, when they are settled. */
export async function settledReceipt(page: Page): Promise<Shown> {
  const receipt = page.getByTestId('receipt');
  await expect(receipt.getByTestId('settled')).toHaveText('settled');
  return {
    handedOver: await numberIn(receipt.getByTestId('handed-over')),
    withheld: await numberIn(receipt.getByTestId('withheld')),
    inDoubt: await numberIn(receipt.getByTestId('in-doubt')),
  };
}

/** Holds what is to be held. */
export async function hold(page: Page, button: Locator) {
  await button.hover(); // waits until the sheet stands still
  await page.mouse.down();
  await page.getByTestId('receipt').waitFor();
  await page.mouse.up();
}
