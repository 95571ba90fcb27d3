/** Cases 71 to 73: what extensions, translators and other scripts do to the page. */
import assert from 'node:assert/strict';
import { cases, never } from '../support/cases.mjs';

/** What the client says when something is not where it belongs. */
const LOOKUP = /livefloe: lookup/;

const page1 = (n) => `<p id="a">one ${n}</p><p id="b">two</p><p id="c">three ${n}</p>`;

cases('foreign hands', ({ all, on, open, tolerate }) => {
  all([
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
});
