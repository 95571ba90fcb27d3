/**
 * `rows.<operation>.vs_vanilla`: from a frame received to the DOM done, in Chromium, against hand-written JavaScript that does the
 * same to the same table in the same run. `node bench/rows.mjs SERVER…`, where SERVER is the command that serves the table;
 * adds to `target/bench/results.json`.
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
  const row = (tr) => [tr.cells[0].textContent, tr.cells[1].textContent];
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

async function measure(browser, address) {
  const page = await browser.newPage();
  await page.addInitScript(observe);
  await page.goto(address);
  await connected(page);
  const plain = await browser.newPage();
  await plain.setContent('<!doctype html><table><tbody></tbody></table>');
  await plain.evaluate(`window.run = (${vanilla})()`);
  const text = (of) => of.evaluate(() => document.querySelector('tbody').innerText);

  const samples = Object.fromEntries(
    Object.keys(OPERATIONS).map((name) => [name, { ours: [], vanilla: [], bytes: [] }]),
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
      const vanillaMs = await plain.evaluate(
        ([operation, given]) => {
          const start = performance.now();
          window.run[operation](given);
          return performance.now() - start;
        },
        [name, json],
      );
      if ((await text(page)) !== (await text(plain))) throw new Error(`${name}: not the same table`);
      // The first rounds warm up.
      if (round < ROUNDS / 5) continue;
      samples[name].ours.push(ms);
      samples[name].vanilla.push(vanillaMs);
      samples[name].bytes.push(bytes);
    }
  }
  await page.close();
  await plain.close();
  return samples;
}

async function start(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { address: `http://${line.trim()}`, stop: () => child.kill() };
}

const server = await start(process.argv.slice(2));
const browser = await startBrowser();
try {
  const results = [];
  const samples = await measure(browser, `${server.address}/keyed`);
  for (const [name, { ours, vanilla: theirs, bytes }] of Object.entries(samples)) {
    const [own, other] = [median(ours), median(theirs)];
    const value = Math.round((own / other) * 1000) / 1000;
    const against = `ours ${own.toFixed(2)} ms, vanilla ${other.toFixed(2)} ms, ${median(bytes)} bytes, ${ours.length} rounds`;
    results.push({
      name: `rows.${name}.vs_vanilla`,
      value,
      unit: '',
      goal: GOAL,
      met: value <= GOAL,
      against,
    });
    console.log(
      `${`rows.${name}.vs_vanilla`.padEnd(28)} ${String(value).padStart(12)}        goal ${GOAL} ${value <= GOAL ? 'met' : 'MISSED'}      ${against}`,
    );
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
