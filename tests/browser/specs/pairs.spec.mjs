/**
 * Whatever page becomes whatever other: the patched one is what a fresh load shows. `tests/pairs` makes the pages and the
 * patches with the session's own code, and two frames of a real page follow them with the client's own modules.
 *
 * | variable | what it does |
 * |---|---|
 * | `LIVEFLOE_PAIRS=SEED:NUMBER` | tells that one story again, and makes it smaller |
 * | `LIVEFLOE_CASES=N` | that many times as many, all of them new |
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { startServer } from '../support/server.mjs';

const SERVER =
  process.env.PAIRS_SERVER ?? 'cargo run --quiet --locked -p livefloe-tests --bin pairs';
const FACTOR = Number(process.env.LIVEFLOE_CASES ?? 0);
const PAIRS = 20_000 * (FACTOR || 1);
/** Of patches, how many a client may fail to follow. None is known. */
const MOST_FAILED = 0.01;
/** Of patches, after how many a page may be such that its tags end the page's own element: nothing but wild tags does that. */
const MOST_TORN = 0.002;

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  server = await startServer(0, {}, SERVER);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page that waits for stories. Each is in a context, and so a process, of its own. */
async function openPage() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.address);
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  return page;
}

const [onlySeed, onlyNumber] = (process.env.LIVEFLOE_PAIRS ?? '').split(':').map(Number);
const isOne = onlyNumber !== undefined;

test('a story again', { skip: !isOne }, async () => {
  const page = await openPage();
  const finding = await page.evaluate(
    ([seed, number]) => window.again(seed, number),
    [onlySeed, onlyNumber],
  );
  assert.equal(finding, '', finding);
});

test('a patched page is what a fresh load shows', { skip: isOne }, async (t) => {
  // The same each time, so that a change that breaks one is the change that is being tested, as for the properties in Rust.
  const random = () => Math.floor(Math.random() * 2 ** 32);
  const seeds = FACTOR ? [random(), random()] : [1, 2];
  const start = performance.now();
  const results = await Promise.all(
    seeds.map(async (seed) => {
      const page = await openPage();
      const result = await page.evaluate(
        ([seed, pairs]) => window.run(seed, 0, pairs),
        [seed, PAIRS / seeds.length],
      );
      return { seed, ...result };
    }),
  );
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  t.diagnostic(`seeds ${seeds.join(' and ')}, ${seconds} s`);
  const total = { pairs: 0, failed: 0, resynced: 0, uses: 0, torn: 0 };
  for (const { counts } of results) {
    for (const count of Object.values(counts)) {
      for (const name of Object.keys(total)) total[name] += count[name];
    }
  }
  const share = (name) => `${((100 * total[name]) / total.pairs).toFixed(2)} % ${name}`;
  t.diagnostic(
    `${total.pairs} pairs: ${['uses', 'resynced', 'torn', 'failed'].map(share).join(', ')}`,
  );
  t.diagnostic(JSON.stringify(results.map(({ counts }) => counts)));
  for (const { seed, number, finding } of results) {
    assert.equal(finding, '', `LIVEFLOE_PAIRS=${seed}:${number} tells it again.\n${finding}`);
  }
  assert.ok(total.pairs >= PAIRS);
  assert.ok(total.torn <= total.pairs * MOST_TORN, `${total.torn} pages were torn`);
  assert.ok(total.failed <= total.pairs * MOST_FAILED, `${total.failed} look-ups failed`);
});
