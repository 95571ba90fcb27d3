/**
 * From a frame received to the DOM done, in Chromium, against hand-written JavaScript that does the same to the same table in
 * the same run: `rows.<operation>.vs_vanilla`, and where rows are made `.vs_same_dom`, for which that writes the attributes that
 * our rows have for their handlers and keys. `node bench/rows.mjs SERVER…`, where SERVER is the command that serves the table; adds
 * to `target/bench/results.json`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connected, startBrowser } from '../support/browser.mjs';
import { vanilla } from './vanilla.mjs';

const RESULTS = fileURLToPath(new URL('../../../target/bench/results.json', import.meta.url));
const ROUNDS = Number(process.env.BENCH_ROUNDS_BROWSER ?? 25);
const GOAL = 1.3;

/** In their order: each works on what the one before has left. */
const OPERATIONS = {
  create_1000: '#create',
  replace: '#create',
  update_10th: '#update',
  select: 'tr:nth-child(5) td:nth-child(2) a',
  swap: '#swap',
  remove: 'tr:nth-child(10) td:nth-child(3) a',
  append_1000: '#append',
  clear: '#clear',
};

/** Notes when a frame came and how large it was; the client says itself when it has applied a patch. */
function observe() {
  const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    set(listener) {
      set.call(this, (event) => {
        window.came = performance.now();
        listener(event);
      });
    },
  });
  document.addEventListener('livefloe:patch', ({ detail }) => {
    const ms = performance.now() - window.came;
    window.patched?.({ ms, bytes: detail.bytes });
  });
}

/** What the server would have told hand-written code, read off the page. */
function told(operation) {
  const rows = [...document.querySelectorAll('tbody tr')];
  const row = (tr) => [
    tr.cells[0].textContent,
    tr.cells[1].textContent,
    tr.getAttribute('lf-key'),
    ...[...tr.querySelectorAll('a')].map((link) => link.getAttribute('lf-click')),
  ];
  const [every10th] = [rows.map((tr, index) => [index, tr.cells[1].textContent])];
  return JSON.stringify(
    {
      create_1000: () => rows.map(row),
      replace: () => rows.map(row),
      append_1000: () => rows.slice(-1000).map(row),
      update_10th: () => every10th.filter(([index]) => index % 10 === 0),
      select: () => 4,
      swap: () => [1, 998],
      remove: () => 9,
      clear: () => null,
    }[operation](),
  );
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Makes a page's clock twenty times finer. @param {Record<string, string>} headers */
const isolated = ({ 'content-encoding': _, 'content-length': __, ...headers }) => ({
  ...headers,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
});

async function openVanilla(browser, isMarked) {
  const page = await browser.newPage();
  const body = '<!doctype html><link rel="icon" href="data:,"><table><tbody></tbody></table>';
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', headers: isolated({}), body }),
  );
  await page.goto('http://127.0.0.1/');
  await page.evaluate(`window.run = (${vanilla})(${isMarked})`);
  return page;
}

async function measure(browser, address) {
  const page = await browser.newPage();
  await page.addInitScript(observe);
  await page.route(address, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: isolated(response.headers()) });
  });
  await page.goto(address);
  await connected(page);
  const plain = await openVanilla(browser, false);
  const marked = await openVanilla(browser, true);
  const text = (of) => of.evaluate(() => document.querySelector('tbody').innerText);

  const samples = Object.fromEntries(
    Object.keys(OPERATIONS).map((name) => [name, { ours: [], vanilla: [], same: [], bytes: [] }]),
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, selector] of Object.entries(OPERATIONS)) {
      const { ms, bytes } = await page.evaluate(
        (wanted) =>
          new Promise((resolve) => {
            window.patched = resolve;
            document.querySelector(wanted).click();
          }),
        selector,
      );
      const json = await page.evaluate(told, name);
      const run = (of) =>
        of.evaluate(
          ([operation, given]) => {
            const start = performance.now();
            window.run[operation](given);
            return performance.now() - start;
          },
          [name, json],
        );
      const [vanillaMs, sameMs] = [await run(plain), await run(marked)];
      if ((await text(page)) !== (await text(plain)))
        throw new Error(`${name}: not the same table`);
      // The first rounds warm up.
      if (round < ROUNDS / 5) continue;
      samples[name].ours.push(ms);
      samples[name].vanilla.push(vanillaMs);
      samples[name].same.push(sameMs);
      samples[name].bytes.push(bytes);
    }
  }
  await page.close();
  await plain.close();
  await marked.close();
  return samples;
}

async function start(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { address: `http://${line.trim()}`, stop: () => child.kill() };
}

const server = await start(process.argv.slice(2));
// A page whose headers were changed does not count as one of this machine.
const browser = await startBrowser({ args: ['--disable-features=LocalNetworkAccessChecks'] });
try {
  const results = [];
  const samples = await measure(browser, `${server.address}/keyed`);
  for (const [name, { ours, vanilla, same, bytes }] of Object.entries(samples)) {
    const baselines = { vanilla, ...(/create|replace|append/.test(name) && { same_dom: same }) };
    for (const [baseline, theirs] of Object.entries(baselines)) {
      const [own, other] = [median(ours), median(theirs)];
      const value = Math.round((own / other) * 1000) / 1000;
      const against = `ours ${own.toFixed(2)} ms, ${baseline} ${other.toFixed(2)} ms, ${median(bytes)} bytes, ${ours.length} rounds`;
      const full = `rows.${name}.vs_${baseline}`;
      results.push({ name: full, value, unit: '', goal: GOAL, met: value <= GOAL, against });
      console.log(
        `${full.padEnd(28)} ${String(value).padStart(12)}        goal ${GOAL} ${value <= GOAL ? 'met' : 'MISSED'}      ${against}`,
      );
    }
  }
  const before = await readFile(RESULTS, 'utf8').then(JSON.parse, () => []);
  const names = new Set(results.map(({ name }) => name));
  const all = [...before.filter(({ name }) => !names.has(name)), ...results];
  all.sort((one, other) => (one.name < other.name ? -1 : 1));
  await mkdir(new URL('.', `file://${RESULTS}`), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
} finally {
  await browser.close();
  server.stop();
}
