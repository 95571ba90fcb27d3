import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const A = handler('a');
const refused = (event, code, message, fields = []) => ({
  op: 'refused',
  event,
  code,
  message,
  fields,
});
const FORM = `<form lf-submit="${A}" lf-reset><input name="a"><label>B <input name="b"></label><button>go</button></form>`;

test('an element shows that its event is on the way', async (t) => {
  const { page, server } = await open(t, `<button lf-click="${A}">x</button>`);
  const marks = () =>
    page.locator('button').evaluate((element) => element.getAttributeNames().sort());
  await page.click('button');
  await page.click('button');
  assert.deepEqual(await marks(), ['aria-busy', 'lf-click', 'lf-pending']);
  await page.waitForSelector('html[data-lf-busy]');
  await server.patch(page, [], { ack: 1 });
  assert.deepEqual(await marks(), ['aria-busy', 'lf-click', 'lf-pending']);
  await server.patch(page, [], { ack: 2 });
  assert.deepEqual(await marks(), ['lf-click']);
  await page.waitForSelector('html:not([data-lf-busy])');
});

test('an element that a patch replaced meanwhile does not matter', async (t) => {
  const { page, server, problems } = await open(t, `<button lf-click="${A}">x</button>`);
  await page.click('button');
  await server.patch(
    page,
    [...at(0), { op: 'replace', index: 0, html: '<b>gone</b>' }, refused(1, 1, 'stale')],
    { ack: 1 },
  );
  assert.equal(await page.innerHTML('#livefloe'), '<b>gone</b>');
  assert.equal(await page.textContent('.lf-toast'), 'stale×');
  assert.deepEqual(problems, []);
});

test('a form that asks for it is emptied when it was accepted, and typing goes on', async (t) => {
  const { page, server } = await open(t, FORM);
  await page.fill('[name=b]', 'x');
  await page.press('[name=b]', 'Enter');
  await server.next('event');
  await server.patch(page, [], { ack: 1 });
  assert.equal(await page.inputValue('[name=b]'), '');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'a');
});

test('a form empties itself when it is sent, and what is typed on is not lost', async (t) => {
  const { page, server } = await open(t, FORM);
  await page.fill('[name=b]', 'x');
  await page.press('[name=b]', 'Enter');
  assert.equal((await server.next('event')).payload, 'a=&b=x');
  assert.equal(await page.inputValue('[name=b]'), '');
  await page.locator('[name=b]').pressSequentially('y');
  await server.patch(page, [], { ack: 1 });
  assert.equal(await page.inputValue('[name=b]'), 'y');
});

test('what an event that was lost with its session took out of a form is put back', async (t) => {
  const { page, server } = await open(t, FORM);
  await page.fill('[name=a]', 'x');
  await page.click('button');
  await server.next('event');
  server.close(4404);
  await page.waitForFunction(() => document.querySelector('[name=a]').value === 'x');
});

test('what the server itself says of a field takes the place of what the client said', async (t) => {
  const { page, server } = await open(t, FORM);
  await page.click('button');
  await server.next('event');
  await server.patch(page, [refused(1, 2, '', [['a', 'is missing']])], { ack: 1 });
  await page.getByText('is missing').waitFor();
  await server.patch(page, [...at(0, 0, 1), { op: 'set', name: 'class', value: 'x' }], { ack: 1 });
  assert.equal(await page.locator('.lf-field-error').count(), 1);
  const invalid = { op: 'set', name: 'aria-invalid', value: 'true' };
  await server.patch(page, [...at(0, 0, 0), invalid], { ack: 1 });
  assert.equal(await page.locator('.lf-field-error').count(), 0);
  assert.equal(await page.getAttribute('[name=a]', 'aria-invalid'), 'true');
  assert.equal(await page.getAttribute('[name=a]', 'aria-describedby'), null);
});

test('a message that comes again takes the place of the one before', async (t) => {
  const { page, server } = await open(t, '');
  for (const message of ['one', 'two', 'one'])
    await server.patch(page, [refused(0, 3, message, [])]);
  await page.waitForFunction(() => document.querySelector('.lf-toast:last-child').dataset);
  assert.deepEqual(await page.locator('.lf-toast').allTextContents(), ['two×', 'one×']);
});

test('a refused form keeps what was typed and says what is wrong with which field', async (t) => {
  const { page, server } = await open(t, FORM);
  await page.fill('[name=a]', 'x');
  await page.click('button');
  await server.next('event');
  await server.patch(
    page,
    [
      refused(1, 2, '', [
        ['a', 'is taken'],
        ['b', 'is missing'],
        ['c', 'is unknown'],
      ]),
    ],
    { ack: 1 },
  );
  assert.equal(await page.inputValue('[name=a]'), 'x');
  assert.equal(await page.getAttribute('form', 'lf-error'), 'invalid');
  assert.deepEqual(await page.locator('.lf-field-error').allTextContents(), [
    'is taken',
    'is missing',
  ]);
  const facts = await page
    .locator('[name=b]')
    .evaluate((input) => [
      input.getAttribute('aria-invalid'),
      input.nextSibling.id === input.getAttribute('aria-describedby'),
      input.nextSibling.getAttribute('role'),
    ]);
  assert.deepEqual(facts, ['true', true, 'alert']);
  assert.equal(await page.textContent('.lf-toast'), 'c: is unknown×');

  // The message is a stranger in the page: patches around it still land.
  await server.patch(page, [...at(0, 0), { op: 'insert', index: 1, html: '<i>n</i>' }], { ack: 1 });
  assert.equal(
    await page.evaluate(() => document.querySelector('i').nextElementSibling.tagName),
    'LABEL',
  );

  await page.fill('[name=a]', 'y');
  assert.deepEqual(await page.locator('.lf-field-error').allTextContents(), ['is missing']);
  assert.equal(await page.getAttribute('[name=a]', 'aria-invalid'), null);
  await page.click('button');
  assert.equal(await page.getAttribute('form', 'lf-error'), null);
  await server.next('event');
  await server.patch(page, [], { ack: 2 });
  assert.equal(await page.locator('.lf-field-error').count(), 0);
});

test('messages are text, in a live region, and go when dismissed', async (t) => {
  const { page, server } = await open(t, `<button lf-click="${A}">x</button>`);
  await page.click('button');
  await server.next('event');
  await server.patch(page, [refused(1, 3, '<b>no</b>')], { ack: 1 });
  assert.equal(await page.getAttribute('#lf-toasts', 'aria-live'), 'polite');
  assert.equal(await page.getAttribute('.lf-toast', 'data-code'), 'error');
  assert.equal(await page.textContent('.lf-toast'), '<b>no</b>×');
  await page.click('[aria-label=Dismiss]');
  assert.equal(await page.locator('.lf-toast').count(), 0);
});

test('a refusal without words still says something', async (t) => {
  const { page, server } = await open(t, `<button lf-click="${A}">x</button>`);
  await page.click('button');
  await server.next('event');
  await server.patch(page, [refused(1, 5, '')], { ack: 1 });
  assert.equal(await page.getAttribute('button', 'lf-error'), 'timeout');
  assert.equal(await page.textContent('.lf-toast'), 'This could not be done.×');
});

test('too many events are refused where they are made', async (t) => {
  const { page } = await open(t, `<button lf-click="${A}">x</button>`, { join: false });
  await page.evaluate(() => {
    for (let n = 0; n < 257; n++) document.querySelector('button').click();
  });
  assert.equal(await page.getAttribute('button', 'lf-error'), 'busy');
  assert.match(await page.textContent('.lf-toast'), /Too much/);
});
