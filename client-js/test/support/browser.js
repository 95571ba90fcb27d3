// A real Chromium, a page that carries the built client, and a server that plays a script.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { bundle } from '../../build.mjs';
import { decodeClient, encodeServer } from './frame.js';

const POLICY =
  "default-src 'self'; require-trusted-types-for 'script'; trusted-types livefloe; report-uri /violations";

/** What a page has that makes the client load a module. */
const MODULES = [
  [/lf-(act|when|optimistic)/, 'act'],
  [/<lf-address/, 'address'],
  [/<lf-kept/, 'kept'],
  [/role="?(tablist|menu)/, 'roving'],
];

/** A path that leaves a handler's name readable: handlers are eight characters. */
export const handler = (name) => name.padEnd(8, '_');

/** Starts one browser and one web server for a test file. */
export function setUp() {
  const shared = {};
  before(async () => {
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
    if (!existsSync(executablePath)) {
      throw new Error(
        `no Chromium at ${executablePath}: run \`apt-get install chromium\`, or set CHROMIUM`,
      );
    }
    const assets = await bundle();
    shared.documents = new Map();
    shared.server = createServer(({ url }, response) => {
      const [, prefix, , name] = url.split('/');
      const script = prefix === 'livefloe' && assets.get(name);
      const type = script ? 'text/javascript' : 'text/html; charset=utf-8';
      const content = script || shared.documents.get(url.split('?')[0]);
      response.writeHead(content ? 200 : 204, {
        'content-type': type,
        'content-security-policy': POLICY,
      });
      response.end(content);
    });
    await new Promise((resolve) => shared.server.listen(0, '127.0.0.1', resolve));
    shared.origin = `http://127.0.0.1:${shared.server.address().port}`;
    const args =
      '--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run';
    shared.browser = await chromium.launch({ executablePath, args: args.split(' ') });
  });
  after(async () => {
    await shared.browser?.close();
    shared.server?.close();
  });
  return (t, body, options) => openPage(shared, t, body, options);
}

/**
 * Opens a page with `body` in its root.
 *
 * @param {object} options
 * @param {string} [options.check]
 * @param {string} [options.opaque]
 * @param {string} [options.head] what the server rendered into the head
 * @param {boolean} [options.join] answer the first join; by default, yes
 * @param {(page: import('playwright-core').Page) => Promise<void>} [options.prepare] runs before the page loads
 */
async function openPage(
  shared,
  t,
  body,
  { check = '', opaque = '', head = '', join = true, prepare } = {},
) {
  const path = `/${shared.documents.size}`;
  shared.documents.set(
    path,
    `<!doctype html><title>Test</title>
     <meta name="livefloe" content="token" data-check="${check}" data-opaque="${opaque}">${head}
     <div id="livefloe" lf-c="0">${body}</div>
     <script type="module" src="/livefloe/hash/livefloe.js"></script>`,
  );
  const context = await shared.browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  const server = new FakeServer();
  await page.routeWebSocket(/\/livefloe\/hash\/socket$/, (webSocket) => server.accept(webSocket));
  await prepare?.(page);
  await page.goto(shared.origin + path);
  if (join) {
    await server.next('join');
    server.send({ kind: 'joined' });
    await page.waitForSelector('html[data-lf-connection="connected"]');
    await page.evaluate(() => import('/livefloe/hash/notice.js'));
    // What the page shows has modules of its own, which are loaded by then or as soon.
    for (const [hint, name] of MODULES)
      if (hint.test(body)) await page.evaluate((url) => import(url), `/livefloe/hash/${name}.js`);
  }
  return { page, server, problems, origin: shared.origin };
}

class FakeServer {
  /** Everything that the client sent and no test asked for yet. */
  received = [];
  connections = 0;
  seq = 0;
  /** What the client said in its last join that it shows. */
  applied = 0;
  #webSocket;
  #wake = () => {};

  accept(webSocket) {
    this.#webSocket = webSocket;
    this.connections++;
    webSocket.onMessage((data) => {
      const message = decodeClient(data);
      if (message.kind === 'join') this.applied = message.applied;
      this.received.push(message);
      this.#wake();
    });
  }

  send(message) {
    if (message.kind === 'joined') message = { seq: this.applied, ...message };
    this.#webSocket.send(encodeServer(message));
  }

  close(code) {
    this.#webSocket.close({ code });
  }

  /** The next message of a kind; messages of other kinds before it are dropped. */
  async next(kind) {
    for (;;) {
      const index = this.received.findIndex((message) => message.kind === kind);
      if (index >= 0) return this.received.splice(0, index + 1).at(-1);
      await this.arrival(kind);
    }
  }

  /** Resolves when any message comes. */
  arrival(kind = 'message') {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${kind} came`)), 5000);
      this.#wake = () => resolve(clearTimeout(timer));
    });
  }

  /** Sends the next patch; resolves when the page has applied it. */
  async patch(page, ops, { ack = 0, seq = this.seq + 1 } = {}) {
    this.seq = seq;
    const applied = page.evaluate(
      (wanted) =>
        new Promise((resolve) => {
          document.addEventListener('livefloe:patch', function listen({ detail }) {
            if (detail.seq !== wanted) return;
            document.removeEventListener('livefloe:patch', listen);
            resolve();
          });
        }),
      seq,
    );
    // The listener is in place once a later evaluation has run.
    await page.evaluate(() => {});
    this.send({ kind: 'patch', seq, ack, ops });
    await applied;
  }
}

/** Operations that walk to a node of component `id`. */
export const at = (id, ...path) => [
  { op: 'component', id },
  ...path.map((index) => ({ op: 'child', index })),
];
