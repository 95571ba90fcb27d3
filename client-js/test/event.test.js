import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const A = handler('a');
const B = handler('b');

/** Asks for an answer, so that everything sent before it has arrived. */
async function quiet(server) {
  server.received = server.received.filter(({ kind }) => kind === 'event');
  server.send({ kind: 'heartbeat' });
  while (!server.received.some(({ kind }) => kind === 'ack')) await server.arrival();
  return server.received.filter(({ kind }) => kind === 'event').map(({ payload }) => payload);
}

test('a click goes to the nearest handler, with its component and what was on the screen', async (t) => {
  const { page, server } = await open(
    t,
    `<div lf-click="${A}"><section lf-c="4"><button lf-click="${B}" name="n" value="v"><i>x</i></button></section></div>`,
  );
  await server.patch(page, []);
  await page.click('i');
  assert.deepEqual(await server.next('event'), {
    kind: 'event',
    seq: 1,
    seen: 1,
    component: 4,
    handler: B,
    payload: 'n=v',
  });
});

// Each: the page, what the person does, and the payloads that come of it.
const CASES = {
  'a button without a name sends its value': [
    `<button lf-click="${A}" value="3">x</button>`,
    (page) => page.click('button'),
    ['value=3'],
  ],
  'a button without a value sends nothing more': [
    `<button lf-click="${A}">x</button>`,
    (page) => page.click('button'),
    [''],
  ],
  'a disabled button is silent, also for a handler around it': [
    `<div lf-click="${A}"><button disabled>x</button></div>`,
    (page) => page.evaluate(() => document.querySelector('button').click()),
    [],
  ],
  'a link is not followed': [
    `<a href="/elsewhere" lf-click="${A}">x</a>`,
    (page) => page.click('a'),
    [''],
  ],
  'a field sends its name and value': [
    `<input name="n" lf-input="${A}">`,
    (page) => page.fill('input', 'ä &'),
    ['n=%C3%A4+%26'],
  ],
  'a field in a form with a handler sends the form': [
    `<form lf-change="${A}"><input name="a" value="1"><input type="checkbox" name="b"></form>`,
    (page) => page.check('[name=b]'),
    ['a=1&b=true'],
  ],
  'an unticked box without a value sends false': [
    `<input type="checkbox" name="b" checked lf-change="${A}">`,
    (page) => page.uncheck('input'),
    ['b=false'],
  ],
  'a box with a value sends it': [
    `<input type="checkbox" name="b" value="x" lf-change="${A}">`,
    (page) => page.check('input'),
    ['b=x'],
  ],
  'a select sends all that is chosen': [
    `<select multiple name="s" lf-change="${A}"><option>a</option><option>b</option><option>c</option></select>`,
    (page) => page.selectOption('select', ['a', 'c']),
    ['s=a&s=c'],
  ],
  'a custom element with a value is a control': [
    `<x-pad name="p" lf-input="${A}"></x-pad>`,
    (page) =>
      page.evaluate(() => {
        const pad = document.querySelector('x-pad');
        pad.value = 'drawn';
        pad.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    ['p=drawn'],
  ],
  'a form is submitted whole, with its submitter': [
    `<form lf-submit="${A}"><input name="a" value="1"><textarea name="t">x</textarea><input name="d" disabled><button name="go" value="now">go</button></form>`,
    (page) => page.click('button'),
    ['a=1&t=x&go=now'],
  ],
  'a control outside of its form is in it': [
    `<form id="f" lf-submit="${A}"><button>go</button></form><input form="f" name="o" value="2">`,
    (page) => page.click('button'),
    ['o=2'],
  ],
  'a form with controls named like its properties is submitted': [
    `<form lf-submit="${A}"><input name="submit" value="1"><input name="id" value="2"><input name="reset" value="3"><button>go</button></form>`,
    (page) => page.click('button'),
    ['submit=1&id=2&reset=3'],
  ],
  'a key is sent when it is one of those asked for': [
    `<input lf-keydown="${A}" lf-keys="Enter Escape">`,
    async (page) => {
      for (const key of ['a', 'Escape', 'Enter']) await page.press('input', key);
    },
    ['key=Escape', 'key=Enter'],
  ],
  'focus and blur tell of the control': [
    `<input name="n" value="v" lf-focus="${A}" lf-blur="${B}"><button>x</button>`,
    async (page) => {
      await page.focus('input');
      await page.focus('button');
    },
    ['n=v', 'n=v'],
  ],
  'details tell that they were opened': [
    `<details lf-toggle="${A}"><summary>s</summary></details>`,
    (page) => page.click('summary'),
    ['open=true'],
  ],
  'two debounced fields are sent in the order in which they were edited': [
    `<input name="a" lf-input="${A}" lf-debounce="60000"><input name="b" lf-input="${A}" lf-debounce="60000"><button lf-click="${B}">x</button>`,
    async (page) => {
      await page.fill('[name=a]', '1');
      await page.evaluate(() => {
        const b = document.querySelector('[name=b]');
        b.value = '2';
        b.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await page.fill('[name=a]', '3');
      await page.click('button');
    },
    ['b=2', 'a=3', ''],
  ],
  'a debounced field is sent when it loses the focus': [
    `<input name="a" lf-input="${A}" lf-debounce="60000"><button>x</button>`,
    async (page) => {
      await page.fill('input', '1');
      await page.focus('button');
    },
    ['a=1'],
  ],
  'a debounced field is sent before its form': [
    `<form lf-submit="${B}"><input name="a" lf-input="${A}" lf-debounce="60000"></form>`,
    async (page) => {
      await page.fill('input', '1');
      await page.press('input', 'Enter');
    },
    ['a=1', 'a=1'],
  ],
  'a throttled handler sends the first at once, and the last in time': [
    `<input name="a" lf-input="${A}" lf-throttle="200">`,
    async (page) => {
      await page.evaluate(() => {
        const input = document.querySelector('input');
        for (const value of ['1', '2', '3']) {
          input.value = value;
          input.dispatchEvent(new Event('input', { bubbles: true }));
        }
      });
    },
    ['a=1', 'a=3'],
  ],
};

for (const [name, [body, act, payloads]] of Object.entries(CASES)) {
  test(name, async (t) => {
    const { page, server, problems } = await open(t, body);
    await act(page);
    for (const payload of payloads) assert.equal((await server.next('event')).payload, payload);
    assert.deepEqual(await quiet(server), []);
    assert.deepEqual(problems, []);
  });
}

test('typing is sent once it rests', async (t) => {
  const { page, server } = await open(t, `<input name="a" lf-input="${A}" lf-debounce="50">`);
  await page.evaluate(() => {
    const input = document.querySelector('input');
    for (const value of ['1', '12', '123']) {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  assert.equal((await server.next('event')).payload, 'a=123');
  assert.deepEqual(await quiet(server), []);
});

test('a debounced event means the handler and the screen of when it was made', async (t) => {
  const { page, server } = await open(
    t,
    `<input name="a" lf-input="${A}" lf-debounce="60000"><p>x</p>`,
  );
  await page.fill('input', '1');
  await server.patch(page, [...at(0, 0), { op: 'set', name: 'lf-input', value: B }]);
  await page.focus('input');
  await page.evaluate(() => document.activeElement.blur());
  const { handler, seen } = await server.next('event');
  assert.deepEqual([handler, seen], [A, 0]);
});

test('leaving the page sends what waits', async (t) => {
  const { page, server } = await open(t, `<input name="a" lf-input="${A}" lf-debounce="60000">`);
  await page.fill('input', '1');
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')));
  assert.equal((await server.next('event')).payload, 'a=1');
});

test('focus that a patch moves is not an event', async (t) => {
  const { page, server } = await open(t, `<p>a</p><input lf-focus="${A}">`);
  await server.patch(page, [
    ...at(0),
    { op: 'insert', index: 0, html: `<input autofocus lf-focus="${A}">` },
  ]);
  assert.deepEqual(await quiet(server), []);
});

test('a file in a form is left out with a warning', async (t) => {
  const { page, server } = await open(
    t,
    `<form lf-submit="${A}"><input type="file" name="f"><input name="a" value="1"><button>go</button></form>`,
  );
  const warning = page.waitForEvent('console', (message) => message.type() === 'error');
  await page.setInputFiles('[name=f]', {
    name: 'x.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('x'),
  });
  await page.click('button');
  assert.equal((await server.next('event')).payload, 'a=1');
  assert.match((await warning).text(), /^livefloe: file f/);
});
