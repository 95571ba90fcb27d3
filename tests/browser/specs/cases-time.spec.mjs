/** Cases 74, 75 and 77 to 79: what happens at the same time, too early, too late and while nobody is connected. */
import assert from 'node:assert/strict';
import { cases, never } from '../support/cases.mjs';
import { startProxy } from '../support/proxy.mjs';
import { eventually } from '../support/visitors.mjs';

/** What Chromium itself says about a server that is away. */
const UNREACHABLE = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY|SOCKET)/;
/** What the client says when something is not where it belongs. */
const LOOKUP = /livefloe: lookup/;

const row = (id, text = id) => `<li lf-key="${id}">${text}<input id="i${id}"></li>`;
const list = (ids, text) => `<ul>${ids.map((id) => row(id, text?.(id))).join('')}</ul>`;
const numbers = (count) => Array.from({ length: count }, (_, index) => String(index + 1));
const page1 = (n) => `<p id="a">one ${n}</p><p id="b">two</p><p id="c">three ${n}</p>`;

cases('time', ({ on, open, address, stopLater, tolerate }) => {
  const proxied = async () => stopLater(await startProxy(Number(new URL(address()).port)));

  on(74, 'two patches that come at the same time', async () => {
    const proxy = await proxied();
    const scene = await open({ html: page1(1), origin: proxy.address });
    proxy.hold('down');
    await scene.write(`<i>x</i>${page1(2)}`);
    await scene.write(`<i>y</i>${page1(3)}<i>z</i>`);
    await scene.page.evaluate(() => {
      window.frames1 = 0;
      const count = () => {
        window.frames1++;
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    proxy.release('down');
    await scene.page.getByText('one 3').waitFor();
    await scene.isFresh();
  });

  on(74, 'a patch while something is dragged', async () => {
    const draggable = (n) =>
      `<p>${n}</p><div id="from" draggable="true">drag ${n}</div><div id="to" class="box">drop</div><input type="range" id="r" value="${n}" max="100">`;
    const scene = await open({ html: draggable(1) });
    const { page } = scene;
    await page.evaluate(() => {
      window.said = [];
      for (const type of ['dragstart', 'drop', 'dragend'])
        document.addEventListener(type, ({ target }) => window.said.push(`${type} ${target.id}`));
      document.addEventListener('dragover', (event) => event.preventDefault());
    });
    const centre = async (selector) => {
      const { x, y, width, height } = await page.locator(selector).boundingBox();
      return [x + width / 2, y + height / 2];
    };
    await scene.keep('#from, #to, #r');
    await page.mouse.move(...(await centre('#from')));
    await page.mouse.down();
    await page.mouse.move(...(await centre('#to')), { steps: 4 });
    await scene.update(`<i>new</i>${draggable(2)}`);
    await page.mouse.move(...(await centre('#to')), { steps: 2 });
    await page.mouse.up();
    await eventually(
      () => page.evaluate(() => window.said),
      ['dragstart from', 'drop to', 'dragend from'],
    );
    // And a slider, whose value the server changes as well.
    const [x, y] = await centre('#r');
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 20, y);
    const dragged = await scene.value('#r');
    await scene.update(`<i>new</i>${draggable(3)}`);
    assert.equal(await scene.value('#r'), dragged);
    await page.mouse.move(x + 30, y);
    await page.mouse.up();
    assert.ok(Number(await scene.value('#r')) > Number(dragged));
    await scene.kept();
    await scene.isFresh('#r');
  });

  on(74, 'a patch while a select is open', async () => {
    const select = (n) =>
      `<p>${n}</p><select id="s" class="c${n}"><option>one</option><option>two</option><option>three ${n}</option></select>`;
    const scene = await open({ html: select(1) });
    const { page } = scene;
    await scene.keep('#s');
    await page.click('#s');
    await page.keyboard.press('ArrowDown');
    await scene.update(select(2));
    await page.keyboard.press('Enter');
    await eventually(() => scene.value('#s'), 'two');
    await scene.kept();
    assert.equal(await scene.focus(), 's');
    await scene.isFresh('#s, option');
  });

  on(75, 'a page that is not seen is patched all the same, title included', async () => {
    // Nothing is drawn in a tab that is hidden, so no frame is asked for there.
    const scene = await open({
      html: `{{title One}}${page1(1)}`,
      prepare: (page) =>
        page.addInitScript(() => {
          window.requestAnimationFrame = () => 0;
          window.requestIdleCallback = () => 0;
          Object.defineProperty(document, 'hidden', { get: () => true });
          Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
        }),
    });
    await scene.update(`{{title Two}}${page1(2)}`);
    assert.equal(await scene.page.evaluate(() => document.title), 'Two');
    await scene.isFresh();
  });

  on(77, 'what is done before the script has come is kept, and told', async () => {
    let arrive;
    const arrived = new Promise((resolve) => {
      arrive = resolve;
    });
    const scene = await open({
      html: `<form lf-change="{{form}}"><input name="a" id="a"><input type="checkbox" name="c" id="c"><textarea name="t" id="t">x</textarea></form><input id="v" lf-input="{{value}}"><button id="b" lf-click="{{click}}">b</button><p id="log">{{log}}</p>`,
      connects: false,
      prepare: (page) =>
        page.route('**/livefloe.js', async (route) => {
          await arrived;
          await route.continue();
        }),
    });
    const { page } = scene;
    await page.locator('#a').pressSequentially('early');
    await page.check('#c');
    await page.fill('#t', 'bird');
    await page.fill('#v', 'value');
    await page.locator('#v').press('Home');
    // Nobody hears it, and nothing breaks.
    await page.click('#b');
    await page.focus('#v');
    arrive();
    await eventually(
      async () => (await scene.text('#log')).split(', ').sort(),
      ['a=early&c=true&t=bird', 'value'],
    );
    assert.deepEqual(
      [await scene.value('#a'), await scene.value('#t'), await scene.value('#v')],
      ['early', 'bird', 'value'],
    );
    assert.ok(await page.isChecked('#c'));
    assert.equal(await scene.focus(), 'v');
    await scene.isFresh('#a, #c, #t, #v');
  });

  on(77, 'a form that was sent before the script has come leads back to the page', async () => {
    const scene = await open({
      html: '<form method="post" lf-submit="{{form}}"><input name="a" id="a"></form><p id="log">{{log}}</p>',
      connects: false,
      prepare: (page) => page.route('**/livefloe.js', (route) => route.abort(), { times: 1 }),
    });
    tolerate(/ERR_FAILED/);
    await scene.page.fill('#a', 'early');
    await scene.page.press('#a', 'Enter');
    await scene.page.locator('html[data-lf-connection="connected"]').waitFor({ state: 'attached' });
    assert.equal(new URL(scene.page.url()).pathname, scene.path);
    await scene.isFresh();
  });

  on(
    78,
    'a click on a row that is gone by the time it arrives does not hit its neighbour',
    async () => {
      const proxy = await proxied();
      const rows = (ids) =>
        `<ul>${ids.map((id) => `<li><button id="b${id}" lf-click="{{pick ${id}}}">${id}</button></li>`).join('')}</ul><p id="log">{{log}}</p>`;
      const scene = await open({ html: rows([1, 2, 3]), origin: proxy.address });
      const { page } = scene;
      proxy.hold('up');
      await page.click('#b2');
      await scene.update(rows([1, 3]));
      proxy.release('up');
      await page.locator('#log').getByText('2', { exact: true }).waitFor();
      // What is on the screen is what a click means, also where it was drawn under the pointer.
      proxy.hold('up');
      await page.click('#b3');
      proxy.release('up');
      await page.locator('#log').getByText('2, 3', { exact: true }).waitFor();
      await scene.isFresh();
    },
  );

  for (const [name, count] of [
    ['a few patches that were missed come again', 3],
    ['many patches that were missed come as one', 100],
  ]) {
    on(79, `${name}, and what was typed, the focus and the scroll stay`, async () => {
      tolerate(UNREACHABLE);
      const proxy = await proxied();
      const page2 = (n) =>
        `${page1(n)}<input id="i" value="${n % 2}"><div class="box" id="x"><p class="tall">x</p></div>${list(numbers(n % 7))}`;
      const scene = await open({ html: page2(1), origin: proxy.address });
      const { page } = scene;
      // Patches are looked at on the socket, so none may come another way, however often connecting fails meanwhile.
      await page.route('**/stream.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: 'export const Stream = WebSocket;' }),
      );
      await page.fill('#i', 'typed');
      await page.evaluate(() => {
        document.querySelector('#x').scrollTop = 70;
        document.querySelector('#i').setSelectionRange(2, 2);
      });
      await scene.keep('#a, #i, #x');
      await page.context().setOffline(true);
      proxy.cut();
      await page.locator('html[data-lf-connection="reconnecting"]').waitFor({ state: 'attached' });
      for (let n = 2; n <= count; n++) await scene.write(page2(n));
      await page.keyboard.type('!');
      proxy.mend();
      await page.context().setOffline(false);
      await page.getByText(`one ${count}`, { exact: true }).waitFor();
      never('resync')(await scene.operations());
      await scene.kept();
      assert.equal(await scene.value('#i'), 'ty!ped');
      assert.equal(await scene.focus(), 'i');
      assert.equal(await page.evaluate(() => document.querySelector('#x').scrollTop), 70);
      await scene.isFresh('#i');
    });
  }

  on(79, 'what cannot be patched any more is made equal, and what was typed stays', async () => {
    tolerate(LOOKUP);
    const scene = await open({
      html: `${page1(1)}<input id="i"><div class="box" id="x"><p class="tall">x</p></div>`,
    });
    const { page } = scene;
    await page.fill('#i', 'typed');
    await page.evaluate(() => {
      document.querySelector('#x').scrollTop = 70;
      for (const paragraph of document.querySelectorAll('#livefloe > p')) paragraph.remove();
    });
    await scene.keep('#i, #x');
    await scene.write(
      `${page1(2)}<input id="i"><div class="box" id="x"><p class="tall">y</p></div>`,
    );
    await page.getByText('one 2').waitFor();
    assert.ok((await scene.operations()).includes('resync'));
    await scene.kept();
    assert.equal(await scene.value('#i'), 'typed');
    assert.equal(await scene.focus(), 'i');
    assert.equal(await page.evaluate(() => document.querySelector('#x').scrollTop), 70);
    await scene.isFresh('#i');
  });
});
