/** Cases 54 to 58: what would lose its state when it is moved, replaced or removed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from '../support/cases.mjs';
import { eventually } from '../support/visitors.mjs';

/** Three things in an order. @param {string[]} order @param {(id: string) => string} show */
const list = (order, show) =>
  `<ul>${[...order].map((id) => `<li lf-key="${id}">${show(id)}</li>`).join('')}</ul>`;

/** Runs with `moveBefore` and without. @param {string} name @param {(hasMoveBefore: boolean) => Promise<unknown>} run */
function both(number, name, run) {
  test(`case ${number}: ${name}`, () => run(true));
  test(`case ${number}: ${name}, without moveBefore`, () => run(false));
}

cases('moved elements', ({ on, open }) => {
  both(
    54,
    'a frame is moved without loading again, where the browser can do that',
    async (hasMoveBefore) => {
      const frame = (id) => (id === 'b' ? '<iframe src="/frame.html"></iframe>' : id);
      const scene = await open({ html: list('abc', frame), hasMoveBefore });
      const inFrame = async (what) => {
        const handle = await scene.page.$('iframe');
        const content = await handle.contentFrame();
        await content.waitForLoadState();
        return content.evaluate(what);
      };
      await inFrame(() => {
        window.mark = 1;
      });
      await scene.keep('iframe');
      // Around it, and in front of it.
      await scene.update(`<p>x</p>${list('xabc', frame)}`);
      assert.equal(await inFrame(() => window.mark), 1);
      await scene.update(`<p>x</p>${list('bxac', frame)}`);
      await scene.kept();
      if (hasMoveBefore) assert.equal(await inFrame(() => window.mark), 1);
      // Without it there is no other way than loading it again; what it shows is right.
      else
        await eventually(
          () => inFrame(() => [window.mark ?? null, !!document.querySelector('#i')]),
          [null, true],
        );
      await scene.isFresh();
    },
  );

  both(
    55,
    'what is played goes on over patches beside it and when it is moved',
    async (hasMoveBefore) => {
      const audio = (id) => (id === 'b' ? '<audio src="/silence.wav" muted id="v"></audio>' : id);
      const scene = await open({ html: list('abc', audio), hasMoveBefore });
      const { page } = scene;
      await page.evaluate(() => document.querySelector('#v').play());
      await scene.keep('#v');
      for (const order of ['axbc', 'cxba', 'bcxa', 'axcb']) {
        await scene.update(list(order, audio));
        const from = await page.evaluate(() => document.querySelector('#v').currentTime);
        await page.waitForFunction((from) => document.querySelector('#v').currentTime > from, from);
      }
      assert.equal(await page.evaluate(() => document.querySelector('#v').paused), false);
      await scene.kept();
      await scene.isFresh();
    },
  );

  on(55, 'the server turns the sound on and off, which the attribute alone does not', async () => {
    const video = (attribute) => `<video id="v" ${attribute}></video>`;
    const isMuted = (page) => page.evaluate(() => document.querySelector('#v').muted);
    const scene = await open({ html: video('muted') });
    assert.equal(await isMuted(scene.page), true);
    await scene.update(video('class="x"'));
    assert.equal(await isMuted(scene.page), false);
    await scene.update(video('muted'));
    assert.equal(await isMuted(scene.page), true);
    await scene.isFresh();
  });

  both(56, 'what is scrolled stays where it is when it is moved', async (hasMoveBefore) => {
    const box = (id) =>
      id === 'b'
        ? '<div class="box" id="o"><div class="box" id="n"><p class="tall">x</p></div><p class="tall">y</p></div>'
        : id;
    const scene = await open({ html: list('abc', box), hasMoveBefore });
    const places = () =>
      scene.page.evaluate(() => ['#o', '#n'].map((id) => document.querySelector(id).scrollTop));
    await scene.page.evaluate(() => {
      document.querySelector('#o').scrollTop = 100;
      document.querySelector('#n').scrollTop = 50;
    });
    await scene.keep('#o');
    for (const order of ['bac', 'cab', 'xbca']) {
      await scene.update(list(order, box));
      assert.deepEqual(await places(), [100, 50]);
    }
    await scene.kept();
    await scene.isFresh();
  });

  both(57, 'focus and selection stay when their element is moved', async (hasMoveBefore) => {
    const field = (id) => `<input id="${id}" value="abcdef">`;
    const scene = await open({ html: list('abc', field), hasMoveBefore });
    const { page } = scene;
    await page.focus('#b');
    await page.evaluate(() => document.activeElement.setSelectionRange(1, 4, 'backward'));
    for (const order of ['bac', 'cab', 'xbca', 'acb']) {
      await scene.update(list(order, field));
      assert.equal(await scene.focus(), 'b');
      assert.deepEqual(
        await page.evaluate(() => {
          const { selectionStart, selectionEnd, selectionDirection } = document.activeElement;
          return [selectionStart, selectionEnd, selectionDirection];
        }),
        [1, 4, 'backward'],
      );
    }
    await scene.isFresh();
  });

  on(57, 'where what has the focus is removed, what takes its place gets it', async () => {
    const row = (id) => `<b>${id}</b><button id="${id}">x</button>`;
    const page1 = (order) =>
      `<button id="nav">n</button>${list(order, row)}<p tabindex="-1" id="p">p</p>`;
    const scene = await open({ html: page1('abcd') });
    const { page } = scene;
    // Quietly: nobody is told, and nothing is scrolled.
    await page.evaluate(() => {
      window.scrolls = 0;
      document.addEventListener('scroll', () => window.scrolls++, true);
    });
    await page.focus('#b');
    await scene.update(page1('acd'));
    assert.equal(await scene.focus(), 'c');
    await scene.update(page1('axd'));
    assert.equal(await scene.focus(), 'x');
    await page.focus('#d');
    await scene.update(page1('ax'));
    assert.equal(await scene.focus(), 'x');
    await scene.update(page1(''));
    assert.equal(await scene.focus(), 'nav');
    assert.equal(await page.evaluate(() => window.scrolls), 0);
    await scene.isFresh();
  });

  on(
    57,
    'where what has the focus is replaced by another kind of element, that gets it',
    async () => {
      const scene = await open({
        html: '<p><a href="#x" id="e">Edit</a></p><button id="z">z</button>',
      });
      await scene.page.focus('#e');
      await scene.update('<p><input id="f"></p><button id="z">z</button>');
      assert.equal(await scene.focus(), 'f');
      await scene.page.keyboard.type('typed');
      // And what was typed goes on where the same field is made anew.
      await scene.update('<div><p>1</p></div><section><label>F <input id="f"></label></section>');
      assert.equal(await scene.focus(), 'f');
      assert.equal(await scene.value('#f'), 'typed');
      await scene.isFresh('#f');
    },
  );

  both(58, 'a custom element is moved, and told so', async (hasMoveBefore) => {
    const probe = (id) => (id === 'b' ? '<x-probe></x-probe>' : id);
    const scene = await open({
      html: list('abc', probe),
      hasMoveBefore,
      prepare: (page) =>
        page.addInitScript(() => {
          window.said = [];
          customElements.define(
            'x-probe',
            class extends HTMLElement {
              connectedCallback() {
                window.said.push('connected');
              }
              disconnectedCallback() {
                window.said.push('disconnected');
              }
              connectedMoveCallback() {
                window.said.push('moved');
              }
            },
          );
        }),
    });
    await scene.update(list('bac', probe));
    assert.deepEqual(await scene.page.evaluate(() => window.said), [
      'connected',
      ...(hasMoveBefore ? ['moved'] : ['disconnected', 'connected']),
    ]);
    await scene.isFresh();
  });
});
