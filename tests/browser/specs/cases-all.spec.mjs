/** None of the cases is left out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const N_CASES = 80;

test('every case from 1 to 80 has a test', () => {
  const folder = new URL('.', import.meta.url);
  const numbers = readdirSync(folder)
    .filter((name) => /^cases-.*\.spec\.mjs$/.test(name))
    .flatMap((name) => [
      ...readFileSync(new URL(name, folder), 'utf8').matchAll(
        /^\s*(?:case: |(?:on|both)\(\s*|test\(`case )(\d+)/gm,
      ),
    ])
    .map(([, number]) => Number(number));
  const all = Array.from({ length: N_CASES }, (_, index) => index + 1);
  assert.deepEqual(
    [...new Set(numbers)].sort((one, other) => one - other),
    all,
  );
});
