import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundle, staleAssets } from '../build.mjs';

const CORE_MAX_BYTES = 9000;

test('the client is small', async () => {
  const core = (await bundle()).get('livefloe.js');
  const size = gzipSync(core, { level: 9 }).length;
  assert.ok(
    size <= CORE_MAX_BYTES,
    `expected at most ${CORE_MAX_BYTES} bytes of gzip, got ${size}`,
  );
});

test('the committed assets are what the sources give', async () => {
  assert.deepEqual(await staleAssets(), []);
});
