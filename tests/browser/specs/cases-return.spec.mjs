/** Case 76: coming back to a page, where the browser has kept it whole and where it has kept only what was entered. */
import assert from 'node:assert/strict';
import { cases } from '../support/cases.mjs';
import { startProxy } from '../support/proxy.mjs';

const page1 = (n) =>
  `<p id="n">${n}</p><input id="i" lf-input="{{value}}"><input type="checkbox" id="c"><textarea id="t">x</textarea><select id="s"><option>1</option><option>2</option></select><p id="log">{{log}}</p>`;

const entered = (page) =>
  page.evaluate(() => [
    document.querySelector('#i').value,
    document.querySelector('#c').checked,
    document.querySelector('#t').value,
    document.querySelector('#s').value,
  ]);

/** Notes how the page came. @param {import('playwright-core').Page} page */
const watch = (page) =>
  page.addInitScript(() => {
    window.addEventListener('pageshow', ({ persisted }) => {
      window.isKept = persisted;
    });
  });

const WITH_CACHE = { ignoreDefaultArgs: ['--disable-back-forward-cache'] };

cases(
  'coming back',
  ({ on, open, address, stopLater, tolerate }) => {
    for (const isKept of [true, false]) {
      const how = isKept ? 'as it was left' : 'that was loaded again';
      on(76, `one comes back to a page ${how}, and it goes on`, async () => {
        tolerate(/WebSocket/);
        // A page says that nobody may store it, and Chromium then doesn't keep it: so the way says otherwise.
        const rewrite = (text) =>
          text.replace('cache-control: no-store', 'cache-control: private ');
        const port = Number(new URL(address()).port);
        const proxy = stopLater(await startProxy(port, isKept ? rewrite : undefined));
        const scene = await open({ html: page1(1), origin: proxy.address, prepare: watch });
        const { page } = scene;
        await page.fill('#i', 'typed');
        await scene.settled();
        await page.check('#c');
        await page.fill('#t', 'written');
        await page.selectOption('#s', '2');

        await page.goto(`${proxy.address}/frame.html`);
        await scene.write(page1(2));
        await page.goBack({ waitUntil: 'commit' });
        await page.locator('html[data-lf-connection="connected"]').waitFor({ state: 'attached' });
        await page.locator('#n').getByText('2').waitFor();
        assert.equal(await page.evaluate(() => window.isKept), isKept);
        assert.deepEqual(await entered(page), ['typed', true, 'written', '2']);

        await page.locator('#i').press('End');
        await page.keyboard.type('!');
        await page.locator('#log').getByText('typed!').waitFor();
        await scene.write(page1(3).replace('"x"', '"y"'));
        await page.locator('#n').getByText('3').waitFor();
        assert.deepEqual(await entered(page), ['typed!', true, 'written', '2']);
        await scene.isFresh('#i, #c, #t, #s, option');
      });
    }

    on(
      76,
      'what a browser puts back only after the script has run is told as well (untested in other engines)',
      async () => {
        const scene = await open({
          html: page1(1),
          prepare: (page) =>
            page.addInitScript(() => {
              if (window !== top) return;
              window.addEventListener('load', () => {
                document.querySelector('#i').value = 'restored';
                document.querySelector('#c').checked = true;
              });
            }),
        });
        await scene.page.locator('#log').getByText('restored').waitFor();
        await scene.update(page1(2));
        assert.deepEqual(await entered(scene.page), ['restored', true, 'x', '1']);
        await scene.isFresh('#i, #c');
      },
    );
  },
  WITH_CACHE,
);
