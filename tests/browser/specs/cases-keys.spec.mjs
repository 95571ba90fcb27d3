/** Cases 65 to 70: order, keys, and what stands between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases, never } from '../support/cases.mjs';

const row = (id, text = id) => `<li lf-key="${id}">${text}<input id="i${id}"></li>`;
const list = (ids, text) => `<ul>${ids.map((id) => row(id, text?.(id))).join('')}</ul>`;
const numbers = (count) => Array.from({ length: count }, (_, index) => String(index + 1));

cases('keys', ({ all, open }) => {
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
});
