import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const H = handler('h');
const set = (path, value) => [...at(0, ...path), { op: 'set', name: 'value', value }];
const value = (page, selector = 'input') => page.locator(selector).inputValue();

test('a field that nobody edited takes the value, and its caret stays for an equal one', async (t) => {
  const { page, server } = await open(t, '<input value="abc">');
  await page.focus('input');
  await page.evaluate(() => document.activeElement.setSelectionRange(1, 2));
  await server.patch(page, set([0], 'abc'));
  assert.equal(await page.evaluate(() => document.activeElement.selectionStart), 1);
  await server.patch(page, set([0], 'def'));
  assert.equal(await value(page), 'def');
});

test('an edited field keeps what was typed until the patch that covers the edit', async (t) => {
  const { page, server } = await open(t, `<input name="n" lf-input="${H}">`);
  await page.locator('input').pressSequentially('ab');
  assert.equal((await server.next('event')).seq, 1);
  await server.patch(page, set([0], 'A'), { ack: 1 });
  assert.equal(await value(page), 'ab');
  await server.patch(page, set([0], 'AB'), { ack: 2 });
  assert.equal(await value(page), 'AB');
});

test('a held value is applied by the plain acknowledgement of a later event', async (t) => {
  const { page, server } = await open(t, `<input name="n" lf-input="${H}">`);
  await page.locator('input').pressSequentially('ab');
  await server.patch(page, set([0], 'X'), { ack: 1 });
  server.send({ kind: 'ack', ack: 2 });
  await page.waitForFunction(() => document.querySelector('input').value === 'X');
});

test('what an event that was refused said stays in its field, whatever the server held before', async (t) => {
  const { page, server } = await open(t, `<input name="n" value="5" lf-input="${H}">`);
  await page.locator('input').press('End');
  await page.keyboard.type('e');
  // The server takes "5e" for nothing, and says so while the person types on.
  await page.keyboard.type('7');
  await server.patch(page, [...at(0, 0), { op: 'unset', name: 'value' }], { ack: 1 });
  assert.equal(await value(page), '5e7');
  const refused = { op: 'refused', event: 2, code: 2, message: '', fields: [['n', 'no number']] };
  await server.patch(page, [refused], { ack: 2 });
  await page.getByText('no number').waitFor();
  assert.equal(await value(page), '5e7');
});

test('an unrelated patch leaves a dirty field alone, focused or not', async (t) => {
  const { page, server } = await open(t, '<input><p>a</p>');
  await page.fill('input', 'typed');
  await page.evaluate(() => document.activeElement.blur());
  await server.patch(page, [...at(0, 1, 0), { op: 'text', text: 'b' }]);
  assert.equal(await value(page), 'typed');
  await server.patch(page, set([0], 'from elsewhere'));
  assert.equal(await value(page), 'typed');
});

test('a server clears the focused field that it has processed', async (t) => {
  const { page, server } = await open(t, `<form lf-submit="${H}"><input name="n" value=""></form>`);
  await page.fill('input', 'hello');
  await page.press('input', 'Enter');
  assert.equal((await server.next('event')).payload, 'n=hello');
  await server.patch(page, set([0, 0], ''), { ack: 1 });
  assert.equal(await value(page), '');
});

test('nothing is written while an input method composes', async (t) => {
  const { page, server } = await open(t, '<input><textarea></textarea>');
  const session = await page.context().newCDPSession(page);
  await page.focus('input');
  await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await server.patch(page, set([0], 'server'), { ack: 5 });
  assert.equal(await value(page), 'に');
  await session.send('Input.insertText', { text: '日' });
  await page.waitForFunction(() => document.querySelector('input').value === 'server');
});

test('a checkbox that the person ticked follows the server once the tick is known', async (t) => {
  const { page, server } = await open(t, `<input type="checkbox" name="c" lf-input="${H}">`);
  await page.check('input');
  assert.equal((await server.next('event')).payload, 'c=true');
  const unset = [
    ...at(0, 0),
    { op: 'set', name: 'checked', value: '' },
    { op: 'unset', name: 'checked' },
  ];
  await server.patch(page, unset);
  assert.equal(await page.isChecked('input'), true);
  await server.patch(page, unset, { ack: 1 });
  assert.equal(await page.isChecked('input'), false);
});

test('choosing one radio button holds the others of its group', async (t) => {
  const radios = ['a', 'b'].map((name) => `<p><input type="radio" name="r" value="${name}"></p>`);
  const { page, server } = await open(t, radios.join(''));
  await page.check('[value="b"]');
  await server.patch(page, [...at(0, 0, 0), { op: 'set', name: 'checked', value: '' }]);
  assert.equal(await page.isChecked('[value="b"]'), true);
  server.send({ kind: 'ack', ack: 1 });
  await page.waitForFunction(() => document.querySelector('[value="a"]').checked);
});

test('a textarea takes text as its value, also after an edit', async (t) => {
  const { page, server } = await open(t, '<textarea>a</textarea><textarea></textarea>');
  await page.locator('textarea').first().fill('edited');
  await server.patch(page, [...at(0, 0, 0), { op: 'text', text: 'b' }]);
  assert.equal(await page.locator('textarea').first().inputValue(), 'edited');
  await server.patch(page, [...at(0, 1), { op: 'insert', index: 0, html: '&lt;c&gt;' }], {
    ack: 1,
  });
  assert.equal(await page.locator('textarea').first().inputValue(), 'b');
  assert.equal(await page.locator('textarea').last().inputValue(), '<c>');
  await server.patch(page, [...at(0, 1), { op: 'remove', index: 0, count: 1 }], { ack: 1 });
  assert.equal(await page.locator('textarea').last().inputValue(), '');
});

test('a choice survives options that arrive selected, until the server knows of it', async (t) => {
  const { page, server } = await open(t, '<select><option>a</option><option>b</option></select>');
  await page.selectOption('select', 'b');
  await server.patch(page, [
    ...at(0, 0),
    { op: 'insert', index: 0, html: '<option selected>c</option>' },
  ]);
  assert.equal(await page.inputValue('select'), 'b');
  server.send({ kind: 'ack', ack: 1 });
  await page.waitForFunction(() => document.querySelector('select').value === 'c');
});

test('the options of a select that nobody edited follow the server', async (t) => {
  const { page, server } = await open(
    t,
    '<select><option selected>a</option><option>b</option></select>',
  );
  await server.patch(page, [
    ...at(0, 0, 0),
    { op: 'unset', name: 'selected' },
    ...at(0, 0, 1),
    { op: 'set', name: 'selected', value: '' },
  ]);
  assert.equal(await page.inputValue('select'), 'b');
});

test('a range takes a value that only fits its new bounds', async (t) => {
  const { page, server } = await open(t, '<input type="range" max="50" value="10">');
  await server.patch(page, [...set([0], '80'), { op: 'set', name: 'max', value: '100' }]);
  assert.equal(await value(page), '80');
});

test('bad input is not written over', async (t) => {
  const { page, server } = await open(t, `<input type="number"><button lf-click="${H}">x</button>`);
  await page.locator('input').pressSequentially('1e');
  await server.patch(page, set([0], '5'), { ack: 9 });
  assert.equal(await page.evaluate(() => document.querySelector('input').validity.badInput), true);
  await page.locator('input').pressSequentially('2');
  server.send({ kind: 'ack', ack: 9 });
  await page.waitForFunction(() => document.querySelector('input').value === '5');
});

test('a reset form follows the server again', async (t) => {
  const { page, server } = await open(
    t,
    '<form><input value="a"><button type="reset">r</button></form>',
  );
  await page.fill('input', 'typed');
  await page.click('button');
  await server.patch(page, set([0, 0], 'b'));
  assert.equal(await value(page), 'b');
});

test('what was typed before the script came is kept and sent once per form', async (t) => {
  const { page, server } = await open(
    t,
    `<form lf-input="${H}"><input name="a" value="1"><input name="b"></form>
     <select name="s" lf-input="${H}"><option>x</option><option>y</option></select>
     <input type="range" name="r" lf-input="${H}"><textarea name="t" lf-input="${H}">t</textarea>`,
    {
      join: false,
      prepare: (page) =>
        page.addInitScript(() =>
          document.addEventListener('readystatechange', () => {
            if (document.readyState !== 'interactive') return;
            document.querySelector('[name=a]').value = 'typed';
            document.querySelector('[name=b]').value = 'too';
            document.querySelector('select').value = 'y';
          }),
        ),
    },
  );
  await server.next('join');
  server.send({ kind: 'joined' });
  assert.equal((await server.next('event')).payload, 'a=typed&b=too');
  assert.equal((await server.next('event')).payload, 's=y');
  await server.patch(page, set([0, 0], 'server'), { ack: 0 });
  assert.equal(await value(page, '[name=a]'), 'typed');
  assert.deepEqual(
    server.received.filter(({ kind }) => kind === 'event'),
    [],
  );
});
