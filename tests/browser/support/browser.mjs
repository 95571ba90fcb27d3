/** Chromium, headless. `CHROMIUM` says where it is. */
import { chromium } from 'playwright-core';

/** @param {import('playwright-core').LaunchOptions} [options] */
export const startBrowser = ({ args = [], ...options } = {}) =>
  chromium.launch({
    ...options,
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...args,
    ],
  });

/** Until events reach the server, and the page can say so. @param {import('playwright-core').Page} page */
export async function connected(page) {
  await page.locator('html[data-lf-connection="connected"]').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const { src } = document.querySelector('script[type="module"]');
    return import(new URL('notice.js', src).href);
  });
}
