/** Cases 35 to 50: what people do to forms while the server speaks. */
import assert from 'node:assert/strict';
import { cases } from '../support/cases.mjs';

/** Names that controls have, and a form's own properties with them. */
const CLOBBERING =
  'id name action method target title lang dir hidden style prefix length elements submit reset attributes children childNodes parentElement scrollTop value type form open focus blur click text data';

cases('forms', ({ on, open }) => {
  on(35, 'a list in which nothing is chosen any more is told as well', async () => {
    const scene = await open({
      html: '<select multiple lf-change="{{value}}"><option selected>a</option><option>b</option></select><p id="log">{{log}}</p>',
    });
    await scene.page.selectOption('select', ['a', 'b']);
    await scene.page.selectOption('select', []);
    await scene.page.selectOption('select', ['b']);
    await scene.page.locator('#log').getByText('a+b, , b', { exact: true }).waitFor();
    assert.equal(await scene.page.locator('[lf-error]').count(), 0);
  });

  on(36, 'radio buttons stay chosen while their groups get other names', async () => {
    const item = (name, index) =>
      `<fieldset id="${name}"><input type="radio" id="${name}y" name="q${index}"><input type="radio" id="${name}n" name="q${index}"></fieldset>`;
    const scene = await open({ html: ['A', 'B'].map(item).join('') });
    await scene.page.check('#Ay');
    await scene.page.check('#Bn');
    const chosen = () =>
      scene.page.locator(':checked').evaluateAll((radios) => radios.map(({ id }) => id));
    await scene.update(['B', 'A'].map(item).join(''));
    assert.deepEqual(await chosen(), ['Bn', 'Ay']);
    await scene.update(['X', 'A', 'B'].map(item).join(''));
    assert.deepEqual(await chosen(), ['Ay', 'Bn']);
  });

  on(36, 'rows of radio buttons with names by their numbers move', async () => {
    const row = (key, index) =>
      `<tr id="r${key}"><td><input type="radio" name="row${index}" checked></td></tr>`;
    const table = (keys) => `<table><tbody>${keys.map(row).join('')}</tbody></table>`;
    const scene = await open({ html: table([1, 2, 3, 4, 5, 6]) });
    await scene.update(table([6, 1, 2, 3, 4, 5]));
    await scene.isFresh();
    assert.equal(await scene.page.locator(':checked').count(), 6);
  });

  on(39, 'while an input method composes nothing is written into its field', async () => {
    const field = (value) => `<input id="i" value="${value}" lf-input="{{value}}"><p>{{log}}</p>`;
    const scene = await open({ html: field('{{TEXT}}') });
    const { page } = scene;
    const client = await page.context().newCDPSession(page);
    await page.focus('#i');
    const compose = (text) =>
      client.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    await compose('に');
    await scene.settled();
    await scene.update(field('from the server'));
    assert.equal(await scene.value('#i'), 'に');
    await compose('にほ');
    await scene.settled();
    assert.equal(await scene.value('#i'), 'にほ');
    // The words are chosen; what the server has said of them by then shows.
    await scene.control('hold');
    await client.send('Input.insertText', { text: '日本' });
    assert.equal(await scene.value('#i'), '日本');
    await scene.write(field('{{TEXT}}!'));
    await scene.control('open');
    await page.locator('#i').and(page.locator('[value="日本!"]')).waitFor();
    assert.equal(await scene.value('#i'), '日本!');
  });

  on(40, 'a file that was chosen stays, and its name is not sent in its place', async () => {
    const scene = await open({
      html: '<input type="file" id="f" lf-change="{{value}}"><button lf-click="{{click}}">b</button><p id="log">{{log}}</p>',
    });
    await scene.page.setInputFiles('#f', {
      name: 'a.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('hi'),
    });
    await scene.page.click('button');
    await scene.page.locator('#log').getByText(', click', { exact: true }).waitFor();
    assert.equal(
      await scene.page.evaluate(() => document.querySelector('#f').files[0]?.name),
      'a.txt',
    );
  });

  on(41, 'what was filled in without a word goes with the form', async () => {
    const scene = await open({
      html: '<form lf-submit="{{form}}"><input name="a"><input name="b"><button>x</button></form><p>{{log}}</p>',
    });
    await scene.page.evaluate(() => {
      document.querySelector('input').value = 'ada';
    });
    await scene.page.click('button');
    await scene.page.getByText('a=ada&b=').waitFor();
  });

  on(42, 'a button that is disabled while it works has the focus again afterwards', async () => {
    const button = (disabled) => `<button id="b" ${disabled}>Save</button><input id="i">`;
    const scene = await open({ html: button('') });
    const { page } = scene;
    await page.focus('#b');
    await scene.update(button('disabled'));
    // The browser notices when it draws.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    assert.equal(await scene.focus(), 'body');
    await scene.update(button(''));
    assert.equal(await scene.focus(), 'b');
    // Not when the person went on in the meantime.
    await scene.update(button('disabled'));
    await page.focus('#i');
    await scene.update(button(''));
    assert.equal(await scene.focus(), 'i');
    await scene.isFresh();
  });

  on(43, 'a form with a control of a name that the client itself asks for', async () => {
    const form = (n) => `<p>${n}</p><form><input name="matches" value="${n}"></form>`;
    const scene = await open({ html: form(1) });
    await scene.update(form(2));
    await scene.isFresh();
    await scene.update('<p>3</p>');
    await scene.update(form(4));
    await scene.isFresh();
  });

  on(43, 'a form whose controls hide its own properties', async () => {
    const inputs = (value) =>
      CLOBBERING.split(' ')
        .map((name) => `<input name="${name}" value="${value}">`)
        .join('');
    const form = (value, rest = '') =>
      `<form lf-submit="{{form}}" lf-input="{{form}}" lf-reset class="${value}">${inputs(value)}${rest}<button>Send</button></form>`;
    const scene = await open({ html: `${form('a')}<p>1</p>` });
    const { page } = scene;
    await scene.keep('form, input');
    await scene.update(`${form('b', '<i>x</i>')}<p>2</p>`);
    await scene.update(`<h1>3</h1>${form('c')}<p>{{log}}</p>`);
    await scene.update(`${form('d', '<b></b>')}<p>{{log}}</p>`);
    // Made equal by a resync.
    await scene.update(`${form('e')}<p>{{log}}</p><table>resync`);
    await scene.kept();
    await scene.isFresh();
    // With the keyboard: playwright's own look at what is around a field never ends here.
    await page.evaluate(() => document.querySelector('[name="title"]').focus());
    await page.keyboard.press('End');
    await page.keyboard.type('!');
    await scene.settled();
    await scene.update(`${form('e')}<p>{{log}}</p><p>x</p>`);
    await page.keyboard.press('Enter');
    await page.getByText('title=e!').first().waitFor();
    await scene.settled();
    assert.equal(await scene.value('[name="title"]'), 'e');
  });

  on(44, 'what happens to a control outside of its form is heard by the form', async () => {
    const scene = await open({
      html: '<form id="f" lf-change="{{form}}" lf-submit="{{form}}"><input name="a" value="1"></form><input id="i" form="f" name="b"><button form="f">x</button><p>{{log}}</p>',
    });
    await scene.page.fill('#i', '2');
    await scene.page.press('#i', 'Tab');
    await scene.page.getByText('a=1&b=2').waitFor();
    await scene.page.click('button');
    await scene.page.getByText('a=1&b=2, a=1&b=2').waitFor();
  });

  on(45, 'a choice that the server has heard of can be taken back by it', async () => {
    const radios = (of) =>
      ['a', 'b']
        .map(
          (id) =>
            `<p><input type="radio" name="r" id="${id}" value="${id}" lf-change="{{value}}" ${id === of ? 'checked' : ''}></p>`,
        )
        .join('<i>{{log}}</i>');
    const scene = await open({ html: radios('a') });
    await scene.page.check('#b');
    await scene.patched();
    await scene.update(radios('b'));
    assert.ok(await scene.page.isChecked('#b'));
    await scene.update(radios('a'));
    assert.ok(await scene.page.isChecked('#a'));
    await scene.isFresh();
  });

  on(48, 'an answer to what was typed before does not undo what was typed since', async () => {
    const scene = await open({ html: '<input id="i" value="{{TEXT}}" lf-input="{{value}}">' });
    const { page } = scene;
    await scene.control('hold');
    await page.locator('#i').pressSequentially('a');
    await page.locator('#i').pressSequentially('b');
    await scene.control('release');
    await scene.patched();
    // The attribute is what the server has said last, and waits.
    assert.equal(await scene.value('#i'), 'ab');
    await scene.control('open');
    await scene.settled();
    assert.equal(await scene.value('#i'), 'AB');
    assert.deepEqual(await scene.selection(), [2, 2]);
    await scene.isFresh();
  });

  on(49, 'a broadcast leaves what is typed alone, with the focus and without', async () => {
    const page1 = (n) =>
      `<p>${n}</p><input id="a" value="x"><textarea id="b">y</textarea><input type="checkbox" id="c"><select id="d"><option>1</option><option>2</option></select><div contenteditable id="e">z</div><ul>${'<li>row</li>'.repeat(n)}</ul>`;
    const scene = await open({ html: page1(1) });
    const { page } = scene;
    await page.fill('#a', 'typed');
    await page.fill('#b', 'typed');
    await page.check('#c');
    await page.selectOption('#d', '2');
    await page.focus('#a');
    for (const n of [2, 3]) {
      await scene.update(page1(n));
      assert.equal(await scene.value('#a'), 'typed');
      assert.equal(await scene.value('#b'), 'typed');
      assert.ok(await page.isChecked('#c'));
      assert.equal(await scene.value('#d'), '2');
      await page.focus('#b');
    }
    await scene.isFresh('#a, #b, #c, #d');
  });

  on(
    50,
    'the server clears the field that has the focus once it has taken what was in it',
    async () => {
      const scene = await open({
        html: '<form lf-submit="{{form}}" lf-input="{{form}}"><input id="i" name="text" autocomplete="off" value="{{text}}"></form><p>{{log}}</p>',
      });
      const { page } = scene;
      // It knows the draft, so clearing it is a change.
      await scene.write(
        '<form lf-submit="{{form}}"><input id="i" name="text" autocomplete="off" lf-input="{{value}}" value="{{text}}"></form><p>{{log}}</p>',
      );
      await scene.patched();
      await page.locator('#i').pressSequentially('hi');
      await scene.settled();
      await page.keyboard.press('Enter');
      await page.getByText('text=hi').waitFor();
      assert.equal(await scene.value('#i'), '');
      assert.equal(await scene.focus(), 'i');
      await page.keyboard.type('again');
      await scene.settled();
      assert.equal(await scene.value('#i'), 'again');
    },
  );

  on(
    50,
    'a form that empties itself on sending does so at once, and what is typed on is not lost',
    async () => {
      const scene = await open({
        html: '<form lf-submit="{{form}}" lf-reset><input id="i" name="text" autocomplete="off"></form><p>{{log}}</p>',
      });
      const { page } = scene;
      await scene.control('hold');
      await page.focus('#i');
      await page.keyboard.type('one');
      await page.keyboard.press('Enter');
      assert.equal(await scene.value('#i'), '');
      await page.keyboard.type('two');
      await page.keyboard.press('Enter');
      await page.keyboard.type('thr');
      await scene.control('open');
      await page.getByText('text=one, text=two').waitFor();
      await scene.settled();
      assert.equal(await scene.value('#i'), 'thr');
      assert.equal(await scene.focus(), 'i');
    },
  );

  on(
    50,
    'what was refused is put back into a form that emptied itself, unless one has gone on',
    async () => {
      const scene = await open({
        html: '<form lf-submit="{{form}}" lf-reset><input id="i" name="text" autocomplete="off" value="d"><input type="checkbox" id="c" name="c"><select id="s" name="s"><option>1</option><option>2</option></select><button>x</button></form><p>{{log}}</p>',
      });
      const { page } = scene;
      const fill = async (text) => {
        await page.fill('#i', text);
        await page.check('#c');
        await page.selectOption('#s', '2');
        await page.press('#i', 'Enter');
      };
      await scene.control('hold');
      await fill('refuse me');
      assert.equal(await scene.value('#i'), 'd');
      assert.equal(await page.isChecked('#c'), false);
      await scene.control('release');
      await page.getByText('not this').waitFor();
      assert.equal(await scene.value('#i'), 'refuse me');
      assert.ok(await page.isChecked('#c'));
      assert.equal(await scene.value('#s'), '2');
      await page.press('#i', 'Enter');
      await page.fill('#i', 'gone on');
      await scene.control('open');
      await scene.settled();
      assert.equal(await scene.value('#i'), 'gone on');
      assert.ok(await page.isChecked('#c'));
    },
  );
});
