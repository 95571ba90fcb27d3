/** Cases 65 to 80: order, keys, what others do to the page, and what happens at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

cases('structure', ({ all, on, open, address, stopLater, tolerate }) => {
  const proxied = async () => stopLater(await startProxy(Number(new URL(address()).port)));

  all([
    ...[
      ['comes before the first', ['1', '2', '3'], ['0', '1', '2', '3']],
      ['goes to the end', ['1', '2', '3'], ['2', '3', '1']],
      ['changes places with another', ['1', '2', '3', '4'], ['1', '4', '3', '2']],
      ['comes, goes and moves at once', ['1', '2', '3', '4'], ['5', '4', '2', '6', '1']],
    ].map(([name, before, after]) => ({
      case: 65,
      name: `a row ${name}`,
      before: list(before),
      after: list(after, (id) => (id === '2' ? 'changed' : id)),
      keeps: before
        .filter((id) => after.includes(id))
        .map((id) => `#i${id}`)
        .join(),
      patched: never('replace', 'resync'),
      variants: true,
    })),
    {
      case: 66,
      name: 'a message between two elements of the same kind makes neither of them anew',
      before:
        '<form><div class="field"><input id="i"></div><div class="buttons"><button id="b">1</button></div></form>',
      after:
        '<form><div class="field"><input id="i"></div><div class="error">no</div><div class="buttons"><button id="b">2</button></div></form>',
      keeps: '.field, .buttons, #i, #b',
      patched: never('replace', 'resync'),
    },
    {
      case: 66,
      name: 'a message before all, while all changes',
      before:
        '<div class="a"><input id="i"> 1</div><div class="b"><button id="b">1</button></div><div class="c"><p>1</p></div>',
      after:
        '<div class="error">no</div><div class="a"><input id="i"> 2</div><div class="b"><button id="b">2</button></div><div class="c"><p>2</p></div>',
      keeps: '.a, .b, .c, #i, #b',
      patched: never('replace', 'resync'),
    },
    {
      case: 67,
      name: 'white space between elements',
      before: '<p><b>a</b> <b>b</b>\n  <b>c</b></p>',
      after: [
        '<p><b>a</b><b>b</b>\n  <b>d</b></p>',
        '<p> <b>a</b>\t<b>b</b> <b>d</b>\n</p>',
        '<p> </p>',
      ],
      keeps: 'p',
    },
    {
      case: 68,
      name: 'text, then an element, then text in one place',
      before: '<p>a {{text}}text c</p>',
      after: [
        '<p>a <b>text</b> c</p>',
        '<p>a text c</p>',
        '<p>a <!-- text --> c</p>',
        '<p>a c</p>',
        '<p><b></b></p>',
      ],
      keeps: 'p',
    },
    {
      case: 69,
      name: 'what has an id goes to another parent, with what a person typed into it',
      before: '<div id="x"><input id="i" value="a"></div><div id="y"></div>',
      act: ({ page }) => page.fill('#i', 'typed'),
      after: '<div id="x"></div><div id="y"><input id="i" value="a"></div>',
      keeps: '#x, #y',
      changed: '#i',
      async check({ value, focus }) {
        assert.equal(await value('#i'), 'typed');
        assert.equal(await focus(), 'i');
      },
    },
    {
      case: 70,
      name: 'an id twice, which is wrong, but no reason to stop',
      before: '<ul><li id="a">1</li><li id="b">2</li><li id="a">3</li></ul>',
      after: [
        '<ul><li id="a">3</li><li id="a">4</li><li id="b">2</li></ul>',
        '<ul><li id="b">2</li><li id="a">1</li><li id="a">1</li><li id="a">1</li></ul>',
      ],
      keeps: 'ul',
    },
    {
      case: 70,
      name: 'a key twice',
      before: '<ul><li lf-key="a">1</li><li lf-key="a">2</li></ul>',
      after: '<ul><li lf-key="a">2</li><li lf-key="b">x</li><li lf-key="a">1</li></ul><p></p>',
      keeps: 'ul',
    },
    {
      case: 71,
      name: 'an extension puts its own things everywhere',
      before: `${page1(1)}<ul><li>1</li><li>2</li></ul>`,
      act: ({ page }) =>
        page.evaluate(() => {
          const root = document.querySelector('#livefloe');
          const add = (parent, before) => {
            const node = document.createElement('grammarly-thing');
            node.className = 'foreign';
            parent.insertBefore(node, before);
          };
          add(document.body, document.body.firstChild);
          for (const parent of [root, ...root.querySelectorAll('*')]) {
            for (const child of [...parent.childNodes]) add(parent, child);
            add(parent, null);
          }
        }),
      after: [
        `<i></i>${page1(2)}<ul><li>0</li><li>1</li><li>2</li><li>3</li></ul>`,
        `<i>x</i>${page1(3)}<ul><li>2</li></ul>`,
        `<p id="c">three</p><p id="a">one</p><ul></ul>`,
      ],
      keeps: '#a, #c, ul',
      changed: '.foreign',
      patched: never('resync', 'replace'),
      check: async ({ page }) =>
        assert.equal(await page.locator('#livefloe > .foreign').count(), 5),
    },
    {
      case: 71,
      name: 'an extension adds attributes',
      before: '<p id="a" class="x">1</p><input id="i">',
      act: ({ page }) =>
        page.evaluate(() => {
          for (const element of document.querySelectorAll('#livefloe *')) {
            for (const name of ['data-gramm', 'fdprocessedid', 'cz-shortcut-listen'])
              element.setAttribute(name, '1');
          }
        }),
      after: '<p id="a" class="y" title="t">2</p><input id="i" placeholder="p">',
      keeps: '#a, #i',
      changed: '#a, #i',
      patched: never('resync', 'replace'),
      async check({ page }) {
        assert.equal(
          await page.evaluate(() => document.querySelector('#a').outerHTML),
          '<p id="a" class="y" data-gramm="1" fdprocessedid="1" cz-shortcut-listen="1" title="t">2</p>',
        );
      },
    },
    {
      case: 71,
      name: 'an extension removes what is ours',
      before: page1(1),
      act: ({ page }) => page.evaluate(() => document.querySelector('#b').remove()),
      after: [page1(2), `<b></b>${page1(3)}`],
      keeps: '#a, #c',
      patched: never('resync'),
      changed: '#b',
      check: async ({ page, update }) => {
        // It is missed once it is needed.
        await update(page1(3).replace('two', '2'));
        await page.locator('#b').getByText('2').waitFor();
      },
      complains: LOOKUP,
    },
    {
      case: 71,
      name: 'a translator wraps our text',
      isResynced: true,
      before: page1(1),
      act: ({ page }) =>
        page.evaluate(() => {
          for (const paragraph of document.querySelectorAll('#livefloe p')) {
            const [outer, inner] = [0, 1].map(() => document.createElement('font'));
            inner.textContent = `übersetzt: ${paragraph.textContent}`;
            outer.append(inner);
            paragraph.firstChild.replaceWith(outer);
          }
        }),
      after: page1(2),
      keeps: '#a, #b, #c',
      async check({ page }) {
        await page.locator('#a').getByText('one 2', { exact: true }).waitFor();
        await page.locator('#c').getByText('three 2', { exact: true }).waitFor();
      },
      changed: '#b',
      complains: LOOKUP,
    },
    {
      case: 72,
      name: 'a script moves our element away, and the part of the page is set right',
      isResynced: true,
      before: `<section id="s">${page1(1)}</section><input id="i"><div class="box" id="x"><p class="tall">x</p></div>`,
      async act({ page }) {
        await page.evaluate(() => {
          document.body.append(document.querySelector('#a'));
          document.querySelector('#x').scrollTop = 50;
        });
        await page.fill('#i', 'typed');
      },
      after: `<section id="s">${page1(2)}</section><input id="i"><div class="box" id="x"><p class="tall">x</p></div>`,
      keeps: '#s, #b, #i, #x',
      changed: '#i',
      async check({ page, value, focus }) {
        await page.locator('#s > #a').getByText('one 2').waitFor();
        assert.equal(await value('#i'), 'typed');
        assert.equal(await focus(), 'i');
        assert.equal(await page.evaluate(() => document.querySelector('#x').scrollTop), 50);
        await page.evaluate(() => document.querySelector('body > #a').remove());
      },
      complains: LOOKUP,
    },
    {
      case: 73,
      name: 'an element that is being animated changes and goes',
      before: '<ul><li id="a" class="spin">1</li><li id="b">2</li></ul>',
      after: [
        '<ul><li id="a" class="spin">2</li><li id="b">2</li></ul>',
        '<ul><li id="b">3</li></ul>',
      ],
      keeps: '#b',
      replaces: '#a',
      patched: never('resync'),
    },
  ]);

  for (const hasMoveBefore of [true, false]) {
    const suffix = hasMoveBefore ? '' : ', without moveBefore';
    test(`case 65: 1,000 rows are turned round with the focus in one of them${suffix}`, async () => {
      const ids = numbers(1000);
      const scene = await open({ html: list(ids), hasMoveBefore });
      const { page } = scene;
      await page.fill('#i500', 'typed');
      await page.evaluate(() => document.activeElement.setSelectionRange(1, 3));
      await scene.keep('li');
      const operations = await scene.update(list(ids.toReversed()));
      never('replace', 'insert', 'remove', 'resync')(operations);
      await scene.kept();
      assert.equal(await scene.focus(), 'i500');
      assert.deepEqual(
        await page.evaluate(() => [
          document.activeElement.selectionStart,
          document.activeElement.selectionEnd,
        ]),
        [1, 3],
      );
      await scene.isFresh('#i500');
    });
  }

  on(73, 'what a script takes out later than the server is not missed', async () => {
    tolerate(LOOKUP);
    const scene = await open({ html: '<ul><li id="a">1</li><li id="b">2</li></ul>' });
    const { page } = scene;
    // A script keeps a copy of what goes, as one does that animates leaving.
    await page.evaluate(() => {
      new MutationObserver((records) => {
        for (const { removedNodes, target } of records) {
          for (const node of removedNodes) {
            if (node.className === 'leaving') continue;
            const copy = node.cloneNode(true);
            copy.className = 'leaving';
            copy.removeAttribute('id');
            target.append(copy);
          }
        }
      }).observe(document.querySelector('ul'), { childList: true });
    });
    await scene.update('<ul><li id="b">3</li></ul>');
    assert.equal(await page.locator('.leaving').count(), 1);
    await scene.update('<ul><li id="b">4</li><li id="c">5</li></ul>');
    await page.evaluate(() => document.querySelector('.leaving').remove());
    await scene.update('<ul><li id="b">4</li><li id="c">6</li></ul>');
    await scene.isFresh();
  });

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

  all([
    {
      case: 80,
      name: 'title, language, classes and what is in the head follow the state',
      before:
        '{{title One}}{{html lang de}}{{body class a}}{{head <meta name="description" content="1">}}<p>1</p>',
      after: [
        '{{title Two & <b>}}{{html lang en-GB}}{{html dir ltr}}{{body class b c}}{{head <meta name="description" content="2"><link rel="canonical" href="/x">}}<p>1</p>',
        '{{body data-x 1}}{{head <link rel="canonical" href="/y"><meta name="robots" content="none">}}<p>2</p>',
        '<p>3</p>',
      ],
      keeps: 'p',
      patched: never('resync', 'replace'),
    },
    {
      case: 80,
      name: 'what others put into the head, and on html and body, stays',
      before: '{{head <meta name="a" content="1">}}{{body class a}}<p>1</p>',
      act: ({ page }) =>
        page.evaluate(() => {
          const style = document.createElement('meta');
          style.name = 'theirs';
          document.head.prepend(style, 'text');
          document.head.append(style.cloneNode());
          document.documentElement.classList.add('their-class');
          document.body.dataset.theirs = '1';
        }),
      after: [
        '{{head <meta name="a" content="2"><meta name="b" content="1">}}{{body class b}}<p>1</p>',
        '{{head <meta name="b" content="2">}}{{body class c}}<p>2</p>',
      ],
      async check({ page }) {
        assert.equal(await page.locator('meta[name="theirs"]').count(), 2);
        const { names, theirs } = await page.evaluate(() => ({
          names: [document.documentElement.className, document.body.className],
          theirs: document.body.dataset.theirs,
        }));
        assert.deepEqual([names, theirs], [['their-class', 'c'], '1']);
        await page.evaluate(() => {
          document.documentElement.removeAttribute('class');
          document.body.removeAttribute('data-theirs');
        });
      },
    },
  ]);
});
