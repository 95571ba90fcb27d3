import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examples } from '../support/examples.mjs';

const PATHS = ['counter', 'todo', 'room/harbour', 'signup', 'digits', 'faults'];

examples('pages', ({ prefix, visit, address }) => {
  test('the index leads to every example', async () => {
    const page = await visit('/');
    const links = await page
      .locator(`a[href^="${prefix}/"]`)
      .evaluateAll((found) => found.map((link) => link.href));
    assert.equal(links.length, 6);
    for (const link of links) assert.equal((await page.request.get(link)).status(), 200, link);
    await page.locator(`a[href="${prefix}/counter"]`).click();
    await page.getByRole('heading', { name: 'Counter', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Livefloe examples' }).waitFor();
  });

  for (const path of PATHS) {
    // What the browser complains about, the policy for one, fails every test.
    test(`${path} has a title, one main heading, a strict policy, and room on a phone`, async () => {
      const page = await visit(`${prefix}/${path}`, {
        viewport: { width: 340, height: 640 },
        colorScheme: 'dark',
      });
      assert.ok(await page.title());
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} pixels too wide`);
      const policy = (await page.request.get(`${address()}${prefix}/${path}`)).headers()[
        'content-security-policy'
      ];
      assert.match(policy, /default-src 'self'/);
      assert.doesNotMatch(policy, /unsafe/);
    });
  }
});
