/** Cases 51 to 53 and 59 to 64: elements with a state that HTML does not say. */
import assert from 'node:assert/strict';
import { cases, inPlace } from '../support/cases.mjs';
import { eventually } from '../support/visitors.mjs';

cases('stateful elements', ({ all, on, open }) => {
  const details = (open, text) =>
    `<p>${text}</p><details id="d" ${open}><summary>s</summary><p>${text}</p></details>`;
  const isOpen = (page) => page.evaluate(() => document.querySelector('#d').open);
  const isModal = (page) => page.evaluate(() => document.querySelector('#d').matches(':modal'));
  const dialog = (attributes, text = 'x') =>
    `<button id="b">outside</button><dialog id="d" ${attributes}><input id="i">${text}</dialog>`;

  all([
    {
      case: 51,
      name: 'details that a person has opened stay open while something else changes',
      isResynced: true,
      before: details('', '1'),
      act: ({ page }) => page.click('summary'),
      after: [details('', '2'), `${details('class="x"', '3')}<table>resync`],
      keeps: '#d',
      changed: '#d',
      check: async ({ page }) => assert.equal(await isOpen(page), true),
    },
    {
      case: 51,
      name: 'open details that are replaced by others of the same name leave those open',
      before: '<section><details id="one" name="n" open><summary>1</summary></details></section>',
      after:
        '<section><p>x</p><details id="two" name="n" open><summary>2</summary></details></section>',
      replaces: '#one',
    },
    {
      case: 51,
      name: 'the server opens and closes details, whatever a person has done before',
      before: details('', '1'),
      act: ({ page }) => page.click('summary'),
      after: [details('open', '2'), details('', '3')],
      keeps: '#d',
      check: async ({ page }) => assert.equal(await isOpen(page), false),
    },
    {
      case: 52,
      name: 'an open dialog becomes modal',
      before: dialog('open'),
      after: [dialog('lf-modal open'), dialog('open')],
      replaces: '#d',
    },
    {
      case: 52,
      name: 'a dialog opens, modal or not',
      before: dialog(''),
      after: [dialog('open'), dialog(''), dialog('open lf-modal')],
      keeps: '#d',
      patched: inPlace,
      check: async ({ page }) => assert.equal(await isModal(page), true),
    },
    {
      case: 52,
      name: 'a modal dialog closes and leaves the page to the person',
      before: dialog('open lf-modal'),
      after: dialog('lf-modal', 'y'),
      keeps: '#d',
      patched: inPlace,
      async check({ page, focus }) {
        assert.equal(await isModal(page), false);
        await page.click('#b');
        assert.equal(await focus(), 'b');
      },
    },
    {
      case: 52,
      name: 'a modal dialog that comes open, alone and with what is around it',
      before: '<button id="b">outside</button>',
      after: `<section>${dialog('open lf-modal')}</section>`,
      check: async ({ page }) => assert.equal(await isModal(page), true),
    },
    {
      case: 52,
      name: 'a modal dialog that is removed leaves the page to the person',
      before: dialog('open lf-modal'),
      after: '<button id="b">outside</button>',
      async check({ page, focus }) {
        await page.click('#b');
        assert.equal(await focus(), 'b');
      },
    },
    {
      case: 53,
      name: 'a popover that a person has opened stays open while it changes, and closes when it is none any more',
      before: '<button popovertarget="p">o</button><div popover id="p">1</div>',
      act: ({ page }) => page.click('button'),
      after: [
        '<button popovertarget="p">o</button><i>x</i><div popover id="p" class="x">2<b>b</b></div>',
      ],
      keeps: '#p',
      async check({ page, update }) {
        const isShown = () =>
          page.evaluate(() => document.querySelector('#p').matches(':popover-open'));
        assert.equal(await isShown(), true);
        await update('<button popovertarget="p">o</button><i>x</i><div id="p" class="x">2</div>');
        assert.equal(await isShown(), false);
      },
    },
    {
      case: 53,
      name: 'the server opens and closes a popover, also one that comes open',
      before: '<div popover="manual" id="p">1</div>',
      after: [
        '<div popover="manual" id="p" open>2</div>',
        '<div popover="manual" id="p">2</div>',
        '<div popover="manual" id="p" open>3</div><section><div popover="manual" open>4</div></section>',
      ],
      keeps: '#p',
      check: async ({ page }) => assert.equal(await page.locator(':popover-open').count(), 2),
    },
    {
      case: 60,
      name: 'of what another script looks after only the attributes change',
      isResynced: true,
      before:
        '<p>1</p><canvas lf-ignore id="c" data-a="1" width="9" height="9"></canvas><div lf-ignore id="e">theirs</div>',
      act: ({ page }) =>
        page.evaluate(() => {
          const context = document.querySelector('#c').getContext('2d');
          context.fillStyle = '#f00';
          context.fillRect(0, 0, 9, 9);
          document.querySelector('#e').textContent = 'an editor';
        }),
      after: [
        '<p>2</p><canvas lf-ignore id="c" data-a="2" width="9" height="9"></canvas><div lf-ignore id="e" data-b="1">ours</div>',
        '<canvas lf-ignore id="c" data-a="3" width="9" height="9"></canvas><p>2</p><div lf-ignore id="e" data-b="2">ours</div>',
        '<canvas lf-ignore id="c" data-a="3" width="9" height="9"></canvas><p>2</p><div lf-ignore id="e" data-b="2">ours</div><table>resync',
      ],
      keeps: '#c, #e',
      changed: '#e',
      async check({ page, text }) {
        assert.equal(await text('#e'), 'an editor');
        assert.equal(await page.getAttribute('#e', 'data-b'), '2');
        const red = await page.evaluate(
          () => document.querySelector('#c').getContext('2d').getImageData(1, 1, 1, 1).data[0],
        );
        assert.equal(red, 255);
      },
    },
    {
      case: 62,
      name: 'a field that comes with autofocus gets the focus, with the caret behind what is in it',
      before: '<input id="a" autofocus><p>1</p>',
      act: ({ page }) => page.locator('#a').blur(),
      after:
        '<input id="a" autofocus><p>2</p><section><input id="b" autofocus value="abc"></section>',
      keeps: '#a',
      async check({ page, focus }) {
        assert.equal(await focus(), 'b');
        await page.keyboard.type('d');
      },
      changed: '#b',
    },
    {
      case: 62,
      name: 'a field that had autofocus before does not take the focus again',
      isResynced: true,
      before: '<input id="a" autofocus><input id="b"><p>1</p>',
      act: ({ page }) => page.focus('#b'),
      after: [
        '<input id="a" autofocus class="x"><input id="b"><p>2</p>',
        '<input id="a" autofocus><input id="b"><p>3</p><table>resync',
      ],
      keeps: '#a, #b',
      check: async ({ focus }) => assert.equal(await focus(), 'b'),
    },
  ]);

  on(53, 'the server hears of it when a person closes a popover', async () => {
    const popover = (open) =>
      `<p id="log">{{log}}</p><div popover id="p" ${open} lf-toggle="{{form}}">x</div>`;
    const scene = await open({ html: popover('') });
    await scene.update(popover('open'));
    await scene.page.keyboard.press('Escape');
    await scene.page.locator('#log').getByText('open=true, open=false').waitFor();
    await scene.update(popover(''));
    await scene.update(popover('open'));
    assert.equal(await scene.page.locator('#p:popover-open').count(), 1);
  });

  on(59, 'nothing is written where somebody is writing, and all is there afterwards', async () => {
    const editor = (text, rest = '') =>
      `<div id="e" contenteditable="true">${text}<b>bold</b></div><p>${rest}</p><button id="o">o</button>`;
    const scene = await open({ html: editor('abc') });
    const { page } = scene;
    await page.focus('#e');
    await page.evaluate(() => getSelection().collapse(document.querySelector('#e').firstChild, 2));
    await scene.update(editor('something else', 'x'));
    const caret = () => page.evaluate(() => getSelection().focusOffset);
    assert.equal(await caret(), 2);
    assert.equal(await scene.text('#e'), 'abcbold');
    assert.equal(await scene.text('p'), 'x');
    await page.keyboard.type('!');
    assert.equal(await scene.text('#e'), 'ab!cbold');
    await page.focus('#o');
    await eventually(() => scene.text('#e'), 'something elsebold');
    await scene.isFresh();
  });

  on(61, 'writing what is there already is no writing: an animation goes on', async () => {
    const spinner = (n) =>
      `<div id="s" class="spin" title="t" data-n="${n}">x</div><p class="a">${n}</p>`;
    const scene = await open({ html: spinner(1) });
    const { page } = scene;
    await page.evaluate(() => {
      window.written = [];
      [window.animation] = document.querySelector('#s').getAnimations();
      window.animation.currentTime = 5000;
      new MutationObserver((records) =>
        window.written.push(...records.map(({ attributeName }) => attributeName)),
      ).observe(document.querySelector('#s'), { attributes: true });
    });
    await scene.update(spinner(2));
    await scene.update(`${spinner(3)}<table>resync`);
    const [written, isSame, time] = await page.evaluate(() => [
      window.written,
      document.querySelector('#s').getAnimations()[0] === window.animation,
      window.animation.currentTime,
    ]);
    assert.deepEqual(written, ['data-n', 'data-n']);
    assert.ok(isSame);
    assert.ok(time >= 5000);
    await scene.isFresh();
  });

  on(
    63,
    'a picture is loaded again only when it is another one (untested in other engines)',
    async () => {
      const picture = (attributes, n) => `<img id="i" ${attributes}><p>${n}</p>`;
      const scene = await open({ html: picture('src="/picture/a" srcset="/picture/b 1x"', 1) });
      const { page } = scene;
      const source = () => page.evaluate(() => document.querySelector('#i').currentSrc.slice(-1));
      await eventually(source, 'b');
      await page.evaluate(() => {
        window.loads = 0;
        document.querySelector('#i').addEventListener('load', () => window.loads++);
      });
      await scene.keep('#i');
      await scene.update(picture('src="/picture/a" srcset="/picture/b 1x" alt="x"', 2));
      await scene.update(picture('src="/picture/a" srcset="/picture/c 1x" alt="x"', 3));
      await eventually(source, 'c');
      await eventually(() => page.evaluate(() => window.loads), 1);
      await scene.kept();
      await scene.isFresh();
    },
  );

  on(
    63,
    'a video that is to play by itself does so when a patch brings it (untested in other engines)',
    async () => {
      const scene = await open({ html: '<p>1</p>' });
      await scene.update('<p>1</p><audio id="v" src="/silence.wav" autoplay muted></audio>');
      await scene.page.waitForFunction(() => document.querySelector('#v').currentTime > 0);
      assert.equal(await scene.page.evaluate(() => document.querySelector('#v').paused), false);
    },
  );

  on(
    64,
    'what a person has selected stays selected while text around it and in it changes',
    async () => {
      const text = (a, b) => `<p id="p">${a} stays</p><p id="q">stays ${b}</p>`;
      const scene = await open({ html: text('one', 'two') });
      const { page } = scene;
      await page.evaluate(() => {
        const [p, q] = ['#p', '#q'].map((id) => document.querySelector(id).firstChild);
        getSelection().setBaseAndExtent(p, 4, q, 5);
      });
      const selected = () => page.evaluate(() => getSelection().toString().replace(/\s+/g, ' '));
      assert.equal(await selected(), 'stays stays');
      for (const [a, b] of [
        ['three', 'two'],
        ['four', 'and more'],
        ['five and six', ''],
      ]) {
        await scene.update(text(a, b));
        assert.equal(await selected(), 'stays stays');
      }
      await scene.isFresh();
    },
  );
});
