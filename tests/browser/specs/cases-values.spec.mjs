/** Cases 29 to 47, where a page and another one are all there is to say: values and choices. */
import assert from 'node:assert/strict';
import { cases, inPlace, never } from '../support/cases.mjs';

const options = (...texts) => texts.map((text) => `<option>${text}</option>`).join('');

cases('values', ({ all }) => {
  all([
    {
      case: 29,
      name: 'a field that nobody touched shows what the server says',
      before: '<input id="i" value="a"><textarea id="t">a</textarea>',
      after: '<input id="i" value="b"><textarea id="t">b</textarea>',
      keeps: '#i, #t',
      patched: inPlace,
      async check({ value }) {
        assert.equal(await value('#i'), 'b');
        assert.equal(await value('#t'), 'b');
      },
    },
    {
      case: 29,
      name: 'what the server does not know yet stays',
      before: '<input id="i" value="a"><p>1</p>',
      act: ({ page }) => page.fill('#i', 'typed'),
      after: '<input id="i" value="b"><p>2</p>',
      keeps: '#i',
      changed: '#i',
      check: async ({ value }) => assert.equal(await value('#i'), 'typed'),
    },
    {
      case: 29,
      name: 'what the server has made of what was typed shows, although the field was touched',
      before: '<input id="i" lf-input="{{value}}" value="{{TEXT}}"><p>1</p>',
      async act({ page, settled, value }) {
        await page.locator('#i').pressSequentially('ab');
        await settled();
        assert.equal(await value('#i'), 'AB');
      },
      after: '<input id="i" lf-input="{{value}}" value="from the server"><p>2</p>',
      keeps: '#i',
      check: async ({ value }) => assert.equal(await value('#i'), 'from the server'),
    },
    ...['checkbox', 'radio'].map((type) => ({
      case: 30,
      name: `a ${type} that a person has clicked still follows the server`,
      before: `<input type="${type}" id="i" value="x" lf-change="{{value}}"><p>{{log}}</p>`,
      async act({ page, patched }) {
        await page.check('#i');
        await patched();
      },
      after: [
        `<input type="${type}" id="i" value="x" lf-change="{{value}}" checked><p>{{log}}</p>`,
        `<input type="${type}" id="i" value="x" lf-change="{{value}}"><p>{{log}}</p>`,
      ],
      keeps: '#i',
      patched: inPlace,
      check: async ({ page }) => assert.equal(await page.isChecked('#i'), false),
    })),
    {
      case: 30,
      name: 'a tick that the server does not know yet stays',
      before: '<input type="checkbox" id="i" checked>',
      act: ({ page }) => page.uncheck('#i'),
      after: ['<input type="checkbox" id="i"><p>1</p>', '<input type="checkbox" id="i" checked>'],
      keeps: '#i',
      changed: '#i',
      check: async ({ page }) => assert.equal(await page.isChecked('#i'), false),
    },
    {
      case: 31,
      name: 'a textarea that a person has written in still follows the server',
      before: '<textarea id="t" lf-input="{{value}}">{{TEXT}}</textarea>',
      async act({ page, settled, value }) {
        await page.locator('#t').pressSequentially('ab');
        await settled();
        assert.equal(await value('#t'), 'AB');
        await page.locator('#t').pressSequentially('c');
        await settled();
        assert.equal(await value('#t'), 'ABC');
      },
      after: '<textarea id="t" lf-input="{{value}}">\nfrom the\nserver</textarea>',
      keeps: '#t',
      check: async ({ value }) => assert.equal(await value('#t'), 'from the\nserver'),
    },
    {
      case: 31,
      name: 'a textarea keeps what the server does not know yet',
      before: '<textarea id="t">a</textarea>',
      act: ({ page }) => page.fill('#t', 'typed'),
      after: ['<textarea id="t"></textarea>', '<textarea id="t">b</textarea>'],
      keeps: '#t',
      changed: '#t',
      async check({ value, page }) {
        assert.equal(await value('#t'), 'typed');
        assert.equal(await page.evaluate(() => document.querySelector('#t').defaultValue), 'b');
      },
    },
    {
      case: 32,
      name: 'a choice that the server does not know yet stays, whatever becomes of the options',
      before: `<select>${options('one', 'two', 'three')}</select>`,
      act: ({ page }) => page.selectOption('select', 'two'),
      after: [
        '<select><option selected>zero</option><option>one</option><option>two</option><option>three</option></select>',
        '<select><option>zero</option><option>one</option><option>two</option><option selected>3</option></select>',
      ],
      keeps: 'select',
      changed: 'select, option',
      check: async ({ value }) => assert.equal(await value('select'), 'two'),
    },
    {
      case: 32,
      name: 'a choice that the server knows gives way to its own',
      before: `<select lf-change="{{value}}">${options('one', 'two')}</select><p>{{log}}</p>`,
      async act({ page, patched }) {
        await page.selectOption('select', 'two');
        await patched();
      },
      after:
        '<select lf-change="{{value}}"><option selected>zero</option><option>one</option><option>two</option></select><p>{{log}}</p>',
      keeps: 'select',
      check: async ({ value }) => assert.equal(await value('select'), 'zero'),
    },
    {
      case: 32,
      name: 'where the chosen option goes, the select shows another',
      before: `<select>${options('one', 'two', 'three')}</select>`,
      act: ({ page }) => page.selectOption('select', 'two'),
      after: `<select>${options('one', 'three')}</select>`,
      keeps: 'select',
      check: async ({ value }) => assert.equal(await value('select'), 'one'),
    },
    {
      case: 33,
      name: 'the chosen option is moved',
      before: '<select><option id="a">a<option id="b">b<option id="c">c</select>'
        .replaceAll('<option', '</option><option')
        .replace('</option>', '')
        .replace('</select>', '</option></select>'),
      act: ({ page }) => page.selectOption('select', 'c'),
      after:
        '<select><option id="c">c</option><option id="a">a</option><option id="b">b</option></select>',
      keeps: 'select, option',
      patched: inPlace,
      changed: 'select, option',
      check: async ({ value }) => assert.equal(await value('select'), 'c'),
      variants: true,
    },
    {
      case: 34,
      name: 'groups of options, empty ones too',
      before: `<select><optgroup label="x"></optgroup><optgroup id="y" label="y">${options('a', 'b')}</optgroup></select>`,
      act: ({ page }) => page.selectOption('select', 'b'),
      after: [
        `<select><optgroup label="x">${options('0')}</optgroup><optgroup id="y" label="z">${options('a', 'b', 'c')}</optgroup></select>`,
        `<select><optgroup label="x"></optgroup><optgroup id="y" label="z">${options('a', 'b')}</optgroup><optgroup label="w"></optgroup></select>`,
      ],
      keeps: 'select, #y',
      changed: 'select, option',
      check: async ({ value }) => assert.equal(await value('select'), 'b'),
    },
    {
      case: 35,
      name: 'a list of choices keeps those that a person made',
      before: `<select multiple>${options('a', 'b', 'c')}</select>`,
      act: ({ page }) => page.selectOption('select', ['a', 'c']),
      after: `<select multiple>${options('0', 'a', 'b')}<option selected>c</option>${options('d')}</select>`,
      keeps: 'select',
      changed: 'select, option',
      check: async ({ page }) =>
        assert.deepEqual(
          await page.evaluate(() =>
            Array.from(document.querySelector('select').selectedOptions, ({ text }) => text),
          ),
          ['a', 'c'],
        ),
    },
    {
      case: 35,
      name: 'what comes into a list of choices is not chosen',
      before: '<select multiple></select><select size="3"></select>',
      after: `<select multiple>${options('a', 'b')}</select><select size="3">${options('c')}</select>`,
      keeps: 'select',
      check: async ({ page }) => assert.equal(await page.locator('option:checked').count(), 0),
    },
    {
      case: 29,
      name: 'what was typed is no value of the box that comes in its place',
      before: '<input id="i">',
      act: ({ page }) => page.fill('#i', 'typed'),
      after: '<input id="i" type="checkbox">',
      replaces: '#i',
      changed: '#i',
      check: async ({ page }) => assert.equal(await page.getAttribute('#i', 'value'), null),
    },
    {
      case: 34,
      name: 'of a menu that nobody has used the first option is chosen, wherever others come',
      before: `<select>${options('b', 'c')}</select>`,
      after: [
        `<select>${options('b', 'c', 'd')}</select>`,
        `<select>${options('a', 'b', 'c', 'd')}</select>`,
      ],
      keeps: 'select',
      patched: never('replace', 'resync'),
    },
    {
      case: 35,
      name: 'a menu that becomes a list has nothing chosen',
      before: `<select>${options('a', 'b')}</select><select size="3">${options('c')}</select>`,
      after: `<select multiple>${options('a', 'b')}</select><select>${options('c')}</select>`,
      replaces: 'select',
    },
    {
      case: 35,
      name: 'and follows the server one by one once it knows them',
      before: `<select multiple lf-change="{{value}}"><option selected>a</option>${options('b', 'c')}</select><p>{{log}}</p>`,
      async act({ page, patched }) {
        await page.selectOption('select', ['a', 'b']);
        await patched();
      },
      after: `<select multiple lf-change="{{value}}"><option>a</option><option>b</option><option selected>c</option></select><p>{{log}}</p>`,
      keeps: 'select',
      patched: never('replace', 'insert', 'resync'),
      // What the server never said about b is the person's own.
      changed: 'select, option',
      check: async ({ page }) =>
        assert.deepEqual(
          await page.evaluate(() =>
            Array.from(document.querySelector('select').selectedOptions, ({ text }) => text),
          ),
          ['b', 'c'],
        ),
    },
    {
      case: 36,
      name: 'a range gets its bounds before its value, in whatever order they are written',
      before: '<input type="range" id="r" value="80" min="0" max="100">',
      after: [
        '<input type="range" id="r" value="40" min="0" max="50">',
        '<input type="range" id="r" value="170" min="150" max="200">',
        '<input type="range" id="r" max="2000" step="7" value="707" min="700">',
      ],
      keeps: '#r',
      patched: inPlace,
      check: async ({ value }) => assert.equal(await value('#r'), '707'),
    },
    {
      case: 36,
      name: 'a range whose bound comes back shows the value of the server again',
      before: '<input type="range" id="r" value="80" max="100">',
      after: [
        '<input type="range" id="r" value="80" max="50">',
        '<input type="range" id="r" value="80" max="100">',
      ],
      keeps: '#r',
      check: async ({ value }) => assert.equal(await value('#r'), '80'),
    },
    ...[
      ['number', '1', 'abc', ''],
      ['number', '1', '2', '2'],
      ['date', '2026-01-31', '2026-02-31', ''],
      ['color', '#ff0000', 'red', null],
    ].map(([type, first, then, shown]) => ({
      case: 37,
      name: `what a ${type} field makes of "${then}"`,
      before: `<input type="${type}" id="i" value="${first}">`,
      after: `<input type="${type}" id="i" value="${then}">`,
      keeps: '#i',
      patched: inPlace,
      check: async ({ value }) => shown !== null && assert.equal(await value('#i'), shown),
    })),
    {
      case: 37,
      name: 'a number that is half typed stays, although no property shows it',
      before: '<input type="number" id="i" value="1"><p>1</p>',
      async act({ page }) {
        await page.focus('#i');
        await page.keyboard.press('End');
        await page.keyboard.type('e');
      },
      after: '<input type="number" id="i" value="5"><p>2</p>',
      keeps: '#i',
      changed: '#i',
      async check({ page, value }) {
        assert.equal(await value('#i'), '');
        await page.keyboard.type('2');
        assert.equal(await value('#i'), '1e2');
      },
    },
    {
      case: 38,
      name: 'an equal value and other attributes leave the caret where it is',
      before: '<input id="i" value="abc" class="a"><textarea id="t">abc</textarea>',
      async act({ page }) {
        await page.focus('#i');
        await page.evaluate(() => document.activeElement.setSelectionRange(1, 2));
      },
      after: [
        '<input id="i" value="abc" class="b" placeholder="p"><textarea id="t">abc</textarea>',
        '<input id="i" value="abc" class="b"><textarea id="t">abcd</textarea>',
      ],
      keeps: '#i',
      check: async ({ selection }) => assert.deepEqual(await selection(), [1, 2]),
    },
    {
      case: 38,
      name: 'what the server makes of a value while one types in the middle leaves the caret there',
      before: '<input id="i" value="{{TEXT}}" lf-input="{{value}}">',
      async act({ page, settled, selection }) {
        await page.locator('#i').pressSequentially('abcd');
        await settled();
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.type('x');
        await settled();
        assert.deepEqual(await selection(), [3, 3]);
        await page.keyboard.type('y');
        await settled();
      },
      after: '<input id="i" value="{{TEXT}}" lf-input="{{value}}"><p></p>',
      keeps: '#i',
      check: async ({ value }) => assert.equal(await value('#i'), 'ABXYCD'),
    },
    {
      case: 40,
      name: 'a chosen file stays when attributes change, and a value that is written is ignored',
      before: '<input type="file" id="f"><p>1</p>',
      act: ({ page }) =>
        page.setInputFiles('#f', {
          name: 'a.txt',
          mimeType: 'text/plain',
          buffer: Buffer.from('hi'),
        }),
      after: [
        '<input type="file" id="f" class="x" accept=".txt" value="b.txt"><p>2</p>',
        '<p>3</p><input type="file" id="f" class="y" multiple>',
      ],
      keeps: '#f',
      changed: '#f',
      check: async ({ page }) =>
        assert.equal(
          await page.evaluate(() => document.querySelector('#f').files[0]?.name),
          'a.txt',
        ),
    },
    {
      case: 41,
      name: 'what a password manager fills in without a word stays',
      before: '<input id="i" value=""><input id="p" type="password"><p>1</p>',
      act: ({ page }) =>
        page.evaluate(() => {
          document.querySelector('#i').value = 'ada';
          document.querySelector('#p').value = 'secret';
        }),
      after: [
        '<input id="i" value=""><input id="p" type="password"><p>2</p>',
        '<input id="i" value="other"><input id="p" type="password" value=" " class="x"><p>2</p>',
      ],
      keeps: 'input',
      changed: 'input',
      async check({ value }) {
        assert.equal(await value('#i'), 'ada');
        assert.equal(await value('#p'), 'secret');
      },
    },
    {
      case: 44,
      name: 'a control outside of its form',
      before: '<form id="f"></form><input id="i" form="f" name="a" value="1"><p>1</p>',
      act: ({ page }) => page.fill('#i', 'typed'),
      after:
        '<form id="f" class="x"><b></b></form><input id="i" form="f" name="a" value="2"><p>2</p>',
      keeps: '#f, #i',
      changed: '#i',
      check: async ({ value }) => assert.equal(await value('#i'), 'typed'),
    },
    {
      case: 45,
      name: 'a group of radio buttons in two parts of the page',
      before:
        '<p><input type="radio" name="r" id="a" value="a" checked></p><i>1</i><p><input type="radio" name="r" id="b" value="b"></p>',
      after: [
        '<p><input type="radio" name="r" id="a" value="a"></p><i>2</i><p><input type="radio" name="r" id="b" value="b" checked></p>',
        '<p><input type="radio" name="r" id="a" value="a" checked></p><i>3</i><p><input type="radio" name="r" id="b" value="b"></p>',
        '<p><input type="radio" name="r" id="a" value="a"></p><i>3</i><p><input type="radio" name="r" id="b" value="b"><input type="radio" name="r" id="c" value="c" checked></p>',
      ],
      keeps: 'input',
      check: async ({ page }) => assert.ok(await page.isChecked('#c')),
    },
    {
      case: 45,
      name: 'choosing one of them edits all',
      before:
        '<p><input type="radio" name="r" id="a" value="a" checked></p><p><input type="radio" name="r" id="b" value="b"></p>',
      act: ({ page }) => page.check('#b'),
      after: [
        '<p><input type="radio" name="r" id="a" value="a"></p><p><input type="radio" name="r" id="b" value="b"></p>',
        '<p><input type="radio" name="r" id="a" value="a" checked></p><p><input type="radio" name="r" id="b" value="b"></p>',
      ],
      keeps: 'input',
      changed: 'input',
      check: async ({ page }) => assert.ok(await page.isChecked('#b')),
    },
    {
      case: 46,
      name: 'after a reset the server is followed again',
      before:
        '<form><input id="i" value="a"><input type="checkbox" id="c"><textarea id="t">a</textarea><button type="reset">x</button></form>',
      async act({ page, value }) {
        await page.fill('#i', 'typed');
        await page.fill('#t', 'typed');
        await page.check('#c');
        await page.click('button');
        assert.equal(await value('#i'), 'a');
      },
      after:
        '<form><input id="i" value="b"><input type="checkbox" id="c" checked><textarea id="t">b</textarea><button type="reset">x</button></form>',
      keeps: 'form, #i, #c, #t',
      async check({ value, page }) {
        assert.equal(await value('#i'), 'b');
        assert.equal(await value('#t'), 'b');
        assert.ok(await page.isChecked('#c'));
      },
    },
    {
      case: 46,
      name: 'what the server said while it was held back shows after a reset',
      before: '<form><input id="i" value="a"><button type="reset">x</button></form>',
      act: ({ page }) => page.fill('#i', 'typed'),
      after: '<form><input id="i" value="b"><button type="reset">x</button></form>',
      keeps: '#i',
      async check({ value, page }) {
        assert.equal(await value('#i'), 'typed');
        await page.click('button');
        assert.equal(await value('#i'), 'b');
      },
    },
    {
      case: 47,
      name: 'a box that is neither on nor off',
      before: '<input type="checkbox" id="i" lf-indeterminate><p>1</p>',
      after: [
        '<input type="checkbox" id="i"><p>2</p>',
        '<input type="checkbox" id="i" lf-indeterminate><input type="checkbox" lf-indeterminate>',
      ],
      keeps: '#i',
      check: async ({ page }) =>
        assert.ok(await page.evaluate(() => document.querySelector('#i').indeterminate)),
    },
  ]);
});
