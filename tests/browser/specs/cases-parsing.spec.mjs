/** Cases 1 to 20: the browser makes another tree than the HTML suggests. */
import assert from 'node:assert/strict';
import { cases, inPlace, never } from '../support/cases.mjs';

cases('parsing', ({ all, on, open }) => {
  all([
    {
      case: 1,
      name: 'a row lands in the tbody that the browser implied',
      before: '<table><tr><td id="a">1</td></tr></table>',
      after: '<table><tr><td id="a">2</td></tr><tr><td>new</td></tr></table>',
      keeps: 'table, tbody, tr, td',
      patched: never('replace'),
      check: async ({ page }) =>
        assert.equal(await page.locator('table > tbody').count(), 1, 'one tbody'),
    },
    {
      case: 1,
      name: 'rows before, between and after written groups',
      before: '<table><tr><td>1</td></tr><tbody id="b"><tr><td>2</td></tr></tbody></table>',
      after:
        '<table><thead><tr><th>h</th></tr></thead><tr><td>0</td></tr><tr><td>1</td></tr><tbody id="b"><tr><td>two</td></tr></tbody></table>',
      keeps: 'table, #b, #b td',
      patched: never('replace'),
    },
    {
      case: 1,
      name: 'end tags that a person leaves out',
      isResynced: true,
      before: '<table><tr><td>1<tr><td>2</table><p>a</p>',
      after:
        '<table><thead><tr><th>h</thead><tr><td>0<tr><td>1<tbody id="b"><tr><td>two</table><p>b</p>',
      keeps: 'table, #livefloe p',
    },
    {
      case: 10,
      name: 'names of elements in any alphabet',
      before: '<my-é><b>1</b></my-é><emotion-😀>2</emotion-😀>',
      after: '<my-é><b>2</b></my-é><emotion-😀>3</emotion-😀>',
      keeps: 'b',
      patched: inPlace,
    },
    {
      case: 2,
      name: 'text and elements that move out of a table go with what is around it',
      before: '<div id="around"><table>text<tr><td>1</td></tr><div>2</div></table></div><p>a</p>',
      after: '<div id="around"><table>other<tr><td>1</td></tr><div>3</div></table></div><p>b</p>',
      keeps: '#around, #livefloe > p',
    },
    {
      case: 2,
      name: 'with nothing around the table but the page',
      isResynced: true,
      before: '<table>text<tr><td>1</td></tr></table>',
      after: '<table>other<tr><td>2</td></tr></table>',
    },
    {
      case: 2,
      name: 'a table that is well again leaves the others alone',
      before: '<section><table>text<tr><td>1</td></tr></table></section><p>a</p>',
      after: '<section><table><tr><td>1</td></tr></table></section><p>a</p>',
      keeps: 'p',
    },
    {
      case: 3,
      name: 'a form inside a table',
      before:
        '<div><table><form><tr><td><input name="a" value="1"></td></tr></form></table></div><p>a</p>',
      after:
        '<div><table><form><tr><td><input name="a" value="2"></td></tr></form></table></div><p>b</p>',
      keeps: 'p',
    },
    {
      case: 4,
      name: 'a paragraph that a block ends',
      before: '<section><p>one<div>two</div></p></section><i>a</i>',
      after: '<section><p>one<div>2</div></p></section><i>b</i>',
      keeps: 'section, i',
    },
    {
      case: 4,
      name: 'a paragraph that a list ends',
      before: '<section><p>one<ul><li>two</li></ul>three</p></section>',
      after: '<section><p>one<ul><li>2</li><li>3</li></ul>four</p></section>',
    },
    {
      case: 5,
      name: 'a link in a link',
      before: '<div><a href="#1">one<a href="#2">two</a></a></div><i>a</i>',
      after: '<div><a href="#1">1<a href="#2">2</a></a></div><i>b</i>',
      keeps: 'i',
    },
    {
      case: 5,
      name: 'a heading in a heading',
      before: '<div><h1>one<h2>two</h2></h1></div><i>a</i>',
      after: '<div><h1>1<h2>2</h2></h1></div><i>b</i>',
      keeps: 'i',
    },
    {
      case: 6,
      name: 'a form in a form',
      before: '<div><form id="f"><form><input name="a"></form></form></div><i>a</i>',
      after: '<div><form id="f"><form><input name="b"></form></form></div><i>b</i>',
      keeps: 'i',
    },
    {
      case: 7,
      name: 'a button in a button, which browsers read differently (untested in other engines)',
      before: '<div><button>one<button>two</button></button></div><i>a</i>',
      after: '<div><button>1<button>2</button></button></div><i>b</i>',
      keeps: 'div, i',
    },
    {
      case: 8,
      name: 'a div in a select, which browsers read differently (untested in other engines)',
      before: '<span><select><div><option>one</option></div></select></span><i>a</i>',
      after:
        '<span><select><div><option>1</option><option>2</option></div></select></span><i>b</i>',
      keeps: 'select, span, i',
    },
    {
      case: 9,
      name: 'what a select shows of its option, which the browser copies',
      before:
        '<select><button><selectedcontent></selectedcontent></button><option>one</option><option>two</option></select><i>a</i>',
      after:
        '<select><button><selectedcontent></selectedcontent></button><option>one</option><option>2</option></select><i>b</i>',
      keeps: 'i',
      check: async ({ page }) =>
        assert.equal(await page.locator('selectedcontent').textContent(), 'one'),
    },
    {
      case: 9,
      name: 'and which follows the choice of a person while something else changes',
      before:
        '<select><button><selectedcontent></selectedcontent></button><option>one</option><option>two</option></select><i>a</i>',
      act: ({ page }) => page.locator('select').selectOption('two'),
      after:
        '<select><button><selectedcontent></selectedcontent></button><option>one</option><option>two</option></select><i>b</i>',
      keeps: 'select, i',
      changed: 'select',
      async check({ page, value }) {
        assert.equal(await value('select'), 'two');
        assert.equal(await page.locator('selectedcontent').textContent(), 'two');
      },
    },
    {
      case: 10,
      name: 'misnested formatting, which the browser writes twice',
      isResynced: true,
      before: '<div><b>1<p>2</b>3</p></div><i>a</i>',
      after: '<div><b>one<p>two</b>three</p></div><i>b</i>',
      keeps: 'i',
    },
    {
      case: 11,
      name: 'an element of HTML that closes itself, which it does not',
      isResynced: true,
      before: '<section><div/>inside</section>',
      after: '<section><div/>still inside</section><p>outside</p>',
    },
    {
      case: 11,
      name: 'end tags that open an element',
      isResynced: true,
      before: '<section>1</br>2</p>3</section>',
      after: '<section>1</br>two</p>3</section>',
    },
    ...['pre', 'textarea', 'listing'].map((element) => ({
      case: 12,
      name: `the first newline in ${element}, which the browser eats`,
      before: `<${element}>\none\ntwo</${element}>`,
      after: [
        `<${element}>\n\none\ntwo</${element}>`,
        `<${element}>one</${element}>`,
        `<${element}>\n</${element}>`,
        `<${element}>\n<!-- --></${element}>`,
        `<${element}>&#10;one</${element}>`,
      ],
    })),
    {
      case: 13,
      name: 'ends of lines in text, attributes and values',
      before: '<p title="a\r\nb">one\r\ntwo\rthree</p><textarea>1\r\n2</textarea>',
      after: [
        '<p title="a\r\nc">one\r\n2\rthree</p><textarea>1\r\nzwei\r\n</textarea>',
        '<p title="a&#13;c">one&#13;\ntwo&#13;three</p><textarea>1&#13;2&#13;&#10;3</textarea>',
      ],
      keeps: 'textarea',
      async check({ text, value, page }) {
        assert.equal(await text('p'), 'one\r\ntwo\rthree');
        assert.equal(await page.locator('p').getAttribute('title'), 'a\rc');
        assert.equal(await value('textarea'), '1\n2\n3');
      },
    },
    {
      case: 14,
      name: 'NUL and numbers that stand for other characters',
      before: '<p>a\0b</p><p>&#0;&#128;</p><p title="\0&#0;">c</p><textarea>\0</textarea>',
      after:
        '<p>a\0c</p><p>&#128;&#0;&#x80;&euro;</p><p title="&#0;\0d">c</p><textarea>\0e</textarea>',
      check: async ({ page }) =>
        assert.deepEqual(await page.locator('p').allTextContents(), ['ac', '€\ufffd€€', 'c']),
    },
    {
      case: 15,
      name: 'an attribute twice, and names in capitals',
      before: '<p class="a" CLASS="b" Title="t" DATA-x="1">x</p>',
      after: '<p CLASS="c" class="d" TITLE="u" data-X="2">x</p>',
      keeps: 'p',
      patched: inPlace,
      async check({ page }) {
        assert.equal(await page.locator('p').getAttribute('class'), 'c');
        assert.equal(await page.locator('p').getAttribute('title'), 'u');
        assert.equal(await page.locator('p').getAttribute('data-x'), '2');
      },
    },
    {
      case: 16,
      name: 'text beside text is one node, and empty text is none',
      before: '<p>a<b>b</b>c</p>',
      after: [
        '<p>ac</p>',
        '<p>a<b></b></p>',
        '<p></p>',
        '<p>a{{text}}c</p>',
        '<p>{{text}}<b>b</b></p>',
      ],
      keeps: 'p',
      check: async ({ page }) =>
        assert.equal(await page.evaluate(() => document.querySelector('p').childNodes.length), 1),
    },
    ...[
      ['div', '<div><!--1--></div>', '<div><!--2-->a</div>'],
      [
        'table',
        '<table><!--1--><tr><td>a</td></tr></table>',
        '<table><!--2--><tr><td>b</td></tr></table>',
      ],
      ['tbody', '<table><tbody><!--1--></tbody></table>', '<table><tbody><!--2--></tbody></table>'],
      [
        'tr',
        '<table><tr><!--1--><td>a</td></tr></table>',
        '<table><tr><!--2--><td>b</td></tr></table>',
      ],
      [
        'select',
        '<select><!--1--><option>a</option></select>',
        '<select><!--2--><option>b</option></select>',
      ],
      [
        'option',
        '<select><option><!--1-->a</option></select>',
        '<select><option><!--2-->b</option></select>',
      ],
      ['svg', '<svg><!--1--><g/></svg>', '<svg><!--2--><g/><g/></svg>'],
      [
        'colgroup',
        '<table><colgroup><!--1--><col></colgroup></table>',
        '<table><colgroup><!--2--><col><col></colgroup></table>',
      ],
      ['textarea', '<textarea><!--1--></textarea>', '<textarea><!--2--></textarea>'],
      ['title', '<svg><title><!--1--></title></svg>', '<svg><title><!--2--></title></svg>'],
      ['iframe', '<iframe><!--1--></iframe>', '<iframe><!--2--></iframe>'],
      ['style', '<style><!--1--></style>', '<style><!--2--></style>'],
    ].map(([element, before, after]) => ({
      case: 17,
      name: `a comment in ${element}`,
      before,
      after,
      // The policy of the page forbids styles, which is another matter.
      complains: element === 'style' ? /style/ : undefined,
    })),
    {
      case: 18,
      name: 'what is in noscript is text',
      before: '<noscript><p>turn <b>it</b> on</p></noscript><i>a</i>',
      after: '<noscript><p>please turn <b>it</b> on</p></noscript><i>b</i>',
      keeps: 'i',
      check: async ({ page }) => assert.equal(await page.locator('noscript > *').count(), 0),
    },
    {
      case: 19,
      name: 'what is in a template is no child of it',
      before: '<template><tr><td>1</td></tr></template><i>a</i>',
      after: '<template><tr><td>2</td></tr><p>x</p></template><i>b</i>',
      keeps: 'i',
    },
    {
      case: 19,
      name: 'a template in a form, with a form in it',
      isResynced: true,
      before: '<form><template><form><input></form></template><input name="a"></form>',
      after: '<form><template><form><input name="b"></form></template><input name="c"></form>',
      keeps: '#livefloe > form',
    },
    {
      case: 20,
      name: 'a shadow root that is written in HTML',
      before:
        '<section><div id="h"><template shadowrootmode="open"><b>1</b><slot></slot></template>light</div></section><i>a</i>',
      after:
        '<section><div id="h"><template shadowrootmode="open"><b>2</b><slot></slot></template>lit</div></section><i>b</i>',
      keeps: 'section, i',
      check: async ({ page }) =>
        assert.equal(
          await page.evaluate(() => document.querySelector('#h').shadowRoot?.innerHTML),
          '<b>2</b><slot></slot>',
        ),
    },
  ]);

  on(4, 'a component lives on in an element that is replaced as a whole', async () => {
    const page1 = (n) =>
      `<section><p>${n}<div><b>{{part a}}</b>{{part b}}</div></p></section><i>${n}</i>`;
    const part = (text) => `<button lf-click="{{click}}">${text}</button><u>{{log}}</u>`;
    const scene = await open({
      html: page1(1),
      parts: { a: part('a'), b: `<div>${part('b')}{{part c}}</div>`, 'b.c': '<em>c</em>' },
    });
    const { page } = scene;
    await scene.keep('section, button');
    for (const [name, html] of [
      ['a', `<hr>${part('a2')}`],
      ['b', `<div class="x">${part('b2')}{{part c}}</div>`],
      ['b.c', '<em>c2</em>'],
    ])
      await scene.update(html, name);
    await page.getByText('b2').click();
    await page.getByText('click', { exact: true }).waitFor();
    await scene.kept();
    await scene.isFresh();
    // The element around them changes, and what is the same in it stays.
    await scene.keep('i, section, button');
    await scene.update(page1(2));
    await scene.kept();
    await scene.update('<strong>c3</strong>', 'b.c');
    await page.getByText('a2').click();
    await page.locator('section b').getByText('click', { exact: true }).waitFor();
    await scene.isFresh();
    // And in one that stays when the page around it is resynced.
    await scene.update(`${page1(2)}<table>resync`);
    await scene.update('<strong>c4</strong>', 'b.c');
    await scene.update(part('a3'), 'a');
    await scene.isFresh();
    await scene.update('<i>none</i>');
    await scene.update(page1(3));
    await scene.update(part('a4'), 'a');
    await scene.isFresh();
  });
});
