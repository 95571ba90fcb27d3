/** Cases 21 to 28: new elements get the context and the namespace that they would have had in the page. */
import assert from 'node:assert/strict';
import { cases, inPlace, never } from '../support/cases.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const MATHML = 'http://www.w3.org/1998/Math/MathML';

const namespaceOf = (page, selector) =>
  page.evaluate((selector) => document.querySelector(selector).namespaceURI, selector);

/** Whether it is drawn: a path in the namespace of HTML is an unknown element, which takes no room. */
const isDrawn = (page, selector) =>
  page.evaluate((selector) => {
    const { width, height } = document.querySelector(selector).getBoundingClientRect();
    return width > 0 && height > 0;
  }, selector);

cases('context', ({ all, on, open }) => {
  all([
    {
      case: 21,
      name: 'a row among rows',
      before: '<table><tbody><tr id="a"><td>1</td></tr></tbody></table>',
      after:
        '<table><tbody><tr><td>0</td></tr><tr id="a"><td>1</td></tr><tr><td>2</td></tr></tbody></table>',
      keeps: 'tbody, #a, #a td',
      patched: never('replace', 'resync'),
    },
    {
      case: 21,
      name: 'a row in a tbody that was implied, and the first one of all',
      before: '<table></table>',
      after: ['<table><tr><td>1</td></tr></table>', '<table><tr><td>1</td></tr><tr></tr></table>'],
      keeps: 'table',
    },
    {
      case: 21,
      name: 'a cell',
      before: '<table><tbody><tr><td id="a">1</td></tr></tbody></table>',
      after: '<table><tbody><tr><th>0</th><td id="a">1</td><td>2</td></tr></tbody></table>',
      keeps: '#a',
      patched: never('replace', 'resync'),
    },
    {
      case: 21,
      name: 'columns, a caption, a head and a foot',
      before: '<table id="t"><colgroup><col id="c"></colgroup><tbody></tbody></table>',
      after:
        '<table id="t"><caption>x</caption><colgroup><col id="c"><col span="2"></colgroup><thead><tr><th>h</th></tr></thead><tbody></tbody><tfoot></tfoot></table>',
      keeps: '#t, #c, tbody',
      patched: never('replace', 'resync'),
    },
    {
      case: 21,
      name: 'options and groups of them',
      before: '<select><option id="a">1</option></select>',
      after:
        '<select><optgroup label="g"><option>0</option></optgroup><option id="a">1</option><hr><option>2</option></select>',
      keeps: '#a',
    },
    {
      case: 22,
      name: 'a path in a drawing',
      before: '<svg width="20" height="20"><g id="g"></g></svg>',
      after:
        '<svg width="20" height="20"><g id="g"><path id="p" d="M0 0h9v9z"/><rect width="5" height="5"></rect></g></svg>',
      keeps: 'svg, g',
      patched: never('replace', 'resync'),
      async check({ page }) {
        assert.equal(await namespaceOf(page, '#p'), SVG);
        assert.ok(await isDrawn(page, '#p'));
      },
    },
    {
      case: 22,
      name: 'a drawing with all that is in it',
      before: '<p>a</p>',
      after: '<p>a</p><svg width="20" height="20"><path id="p" d="M0 0h9v9z"/></svg>',
      keeps: 'p',
      async check({ page }) {
        assert.equal(await namespaceOf(page, '#p'), SVG);
        assert.ok(await isDrawn(page, '#p'));
      },
    },
    {
      case: 23,
      name: 'a name with a capital, however it is written',
      before: '<svg width="20" height="20"><g id="a"></g></svg>',
      after: [
        '<svg width="20" height="20" viewbox="0 0 10 10" preserveaspectratio="none"><g id="a"></g></svg>',
        '<svg width="20" height="20" viewBox="0 0 5 5"><g id="a"></g></svg>',
      ],
      keeps: 'svg, g',
      patched: inPlace,
      async check({ page }) {
        const svg = await page.evaluate(() => {
          const svg = document.querySelector('svg');
          return [svg.viewBox.baseVal.width, svg.getAttributeNames().sort().join(' ')];
        });
        assert.deepEqual(svg, [5, 'height viewBox width']);
      },
    },
    {
      case: 23,
      name: 'a name with a capital, which goes again',
      before: '<svg viewBox="0 0 5 5"><linearGradient gradientunits="userSpaceOnUse"/></svg>',
      after: '<svg><linearGradient gradientTransform="rotate(9)"/></svg>',
      keeps: 'svg, linearGradient',
      patched: inPlace,
    },
    {
      case: 24,
      name: 'an attribute of another namespace',
      before: '<svg width="20" height="20"><rect id="r" width="5" height="5"/><use id="u"/></svg>',
      after: [
        '<svg width="20" height="20"><rect id="r" width="5" height="5"/><use id="u" xlink:href="#r" xml:lang="en"/></svg>',
        '<svg width="20" height="20"><rect id="r" width="5" height="5"/><use id="u" xlink:href="#s"/></svg>',
        '<svg width="20" height="20"><rect id="r" width="5" height="5"/><use id="u" xlink:href="#r"/></svg>',
      ],
      keeps: '#u',
      patched: inPlace,
      async check({ page }) {
        const href = await page.evaluate(() =>
          document.querySelector('#u').getAttributeNS('http://www.w3.org/1999/xlink', 'href'),
        );
        assert.equal(href, '#r');
        assert.ok(await isDrawn(page, '#u'));
      },
    },
    {
      case: 25,
      name: 'HTML in a drawing, where a drawing may follow again',
      before:
        '<svg width="50" height="50"><foreignObject width="50" height="50"><p id="p">a</p></foreignObject></svg>',
      after:
        '<svg width="50" height="50"><foreignObject width="50" height="50"><p id="p">b</p><div id="d">c<svg><path id="q" d="M0 0h9v9z"/></svg></div></foreignObject><g id="g"></g></svg>',
      keeps: 'foreignObject, #p',
      patched: never('replace', 'resync'),
      async check({ page }) {
        assert.match(await namespaceOf(page, '#d'), /xhtml/);
        assert.equal(await namespaceOf(page, '#q'), SVG);
        assert.equal(await namespaceOf(page, '#g'), SVG);
      },
    },
    {
      case: 25,
      name: 'a title and a desc in a drawing hold HTML',
      before: '<svg><title>a</title><desc>b</desc></svg>',
      after: '<svg><title>a<b>c</b></title><desc><div id="d">b</div></desc></svg>',
      keeps: 'svg, title, desc',
      check: async ({ page }) => assert.match(await namespaceOf(page, '#d'), /xhtml/),
    },
    {
      case: 25,
      name: 'a formula is replaced as a whole',
      before: '<math><mi id="x">x</mi><mtext>t</mtext></math><i>a</i>',
      after: '<math><mi id="x">y</mi><mtext>u</mtext><mrow><mn>1</mn></mrow></math><i>b</i>',
      replaces: 'math',
      keeps: 'i',
      check: async ({ page }) => assert.equal(await namespaceOf(page, '#x'), MATHML),
    },
    {
      case: 25,
      name: 'a formula with HTML in it',
      before: '<math><mi>x</mi></math><i>a</i>',
      after:
        '<math><mi id="x">y</mi><mtext><b>u</b></mtext><annotation-xml encoding="text/html"><p id="p">v</p></annotation-xml></math><i>b</i>',
      isResynced: true,
      keeps: 'i',
      async check({ page }) {
        assert.equal(await namespaceOf(page, '#x'), MATHML);
        assert.match(await namespaceOf(page, '#p'), /xhtml/);
      },
    },
    {
      case: 26,
      name: 'HTML that ends the drawing around it',
      isResynced: true,
      before: '<section><svg><g></g><div>a</div></svg></section><i>a</i>',
      after: '<section><svg><g></g><div>b</div><circle/></svg></section><i>b</i>',
      check: async ({ page }) => assert.equal(await page.locator('svg div').count(), 0),
    },
    {
      case: 28,
      name: 'a custom element that comes later is what its class makes of it',
      before: '<p>a</p>',
      after: '<p>a</p><x-probe data-a="1"><b>b</b></x-probe>',
      keeps: 'p',
    },
  ]);

  on(27, 'a script that a patch brings does not run, as it would not in a resync', async () => {
    const script = '<script src="/probe.js"></script>';
    const scene = await open({ html: '<p>a</p>' });
    await scene.update(`<p>b</p>${script}`);
    await scene.update(`<div><p>c</p>${script}</div>`);
    await scene.update(`<table>resync${script}</table>`);
    // One that is part of the document does, later than any that was to run before it.
    await scene.page.goto(`${scene.page.url()}?again`);
    await scene.page.waitForFunction(() => window.nProbes);
    assert.equal(await scene.page.evaluate(() => sessionStorage.probes), '1');
  });

  on(
    28,
    'a custom element is made once, in the document, with its attributes and children',
    async () => {
      const probe = (value) => `<x-probe data-a="${value}"><b>b</b></x-probe>`;
      const scene = await open({
        html: probe(0),
        prepare: (page) =>
          page.addInitScript(() => {
            window.said = [];
            customElements.define(
              'x-probe',
              class extends HTMLElement {
                static observedAttributes = ['data-a'];
                constructor() {
                  super();
                  window.said.push(`made ${this.ownerDocument === document}`);
                }
                connectedCallback() {
                  window.said.push(`connected ${this.dataset.a} ${this.childNodes.length}`);
                }
                attributeChangedCallback(_, before, now) {
                  window.said.push(`changed ${before} ${now}`);
                }
              },
            );
          }),
      });
      const said = () => scene.page.evaluate(() => window.said.splice(0));
      await said();
      await scene.update(`${probe(0)}<p>a</p>${probe(1)}`);
      assert.deepEqual(await said(), ['made true', 'changed null 1', 'connected 1 1']);
      await scene.update(`${probe(0)}<p>a</p>${probe(2)}`);
      assert.deepEqual(await said(), ['changed 1 2']);
      await scene.isFresh();
    },
  );
});
