/** Case 80: the document around the page. */
import assert from 'node:assert/strict';
import { cases, never } from '../support/cases.mjs';

cases('document', ({ all }) => {
  all([
    {
      case: 80,
      name: 'title, language, classes and what is in the head follow the state',
      before:
        '{{title One}}{{html lang de}}{{body class a}}{{head <meta name="description" content="1">}}<p>1</p>',
      after: [
        '{{title Two & <b>}}{{html lang en-GB}}{{html dir ltr}}{{body class b c}}{{head <meta name="description" content="2"><link rel="canonical" href="/x">}}<p>1</p>',
        '{{body data-x 1}}{{head <link rel="canonical" href="/y"><meta name="robots" content="none">}}<p>2</p>',
        '<p>3</p>',
      ],
      keeps: 'p',
      patched: never('resync', 'replace'),
    },
    {
      case: 80,
      name: 'what others put into the head, and on html and body, stays',
      before: '{{head <meta name="a" content="1">}}{{body class a}}<p>1</p>',
      act: ({ page }) =>
        page.evaluate(() => {
          const style = document.createElement('meta');
          style.name = 'theirs';
          document.head.prepend(style, 'text');
          document.head.append(style.cloneNode());
          document.documentElement.classList.add('their-class');
          document.body.dataset.theirs = '1';
        }),
      after: [
        '{{head <meta name="a" content="2"><meta name="b" content="1">}}{{body class b}}<p>1</p>',
        '{{head <meta name="b" content="2">}}{{body class c}}<p>2</p>',
      ],
      async check({ page }) {
        assert.equal(await page.locator('meta[name="theirs"]').count(), 2);
        const { names, theirs } = await page.evaluate(() => ({
          names: [document.documentElement.className, document.body.className],
          theirs: document.body.dataset.theirs,
        }));
        assert.deepEqual([names, theirs], [['their-class', 'c'], '1']);
        await page.evaluate(() => {
          document.documentElement.removeAttribute('class');
          document.body.removeAttribute('data-theirs');
        });
      },
    },
  ]);
});
