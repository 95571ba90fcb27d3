import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { evaluate } from '../src/expression.js';

const VALUES = { n: 3, text: 'b', off: false, none: null };

test('an expression is the same to both sides', async () => {
  // The server's tests read the same file.
  const cases = JSON.parse(
    await readFile(new URL('../../tests/expressions.json', import.meta.url)),
  );
  assert.ok(cases.length > 40);
  for (const [expression, expected] of cases) {
    const text = JSON.stringify(expression);
    if (expected !== null && typeof expected === 'object')
      assert.throws(() => evaluate(expression, VALUES), text);
    else assert.equal(evaluate(expression, VALUES), expected, text);
  }
});

test('a text does not grow without end', () => {
  assert.throws(() => evaluate(['join', ['get', 't'], ['get', 't']], { t: 'x'.repeat(40_000) }));
});
