import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode, encode, ProtocolError } from '../src/protocol.js';
import { decodeClient, describe, encodeServer, tuple } from './support/frame.js';

const GOLDEN = new URL('../../tests/protocol/frames.json', import.meta.url);

if (existsSync(GOLDEN)) {
  for (const { name, from, hex, message, error, deflated } of JSON.parse(
    readFileSync(GOLDEN, 'utf8'),
  )) {
    const bytes = Buffer.from(hex, 'hex');
    if (deflated) {
      const frame = async () => {
        const stream = new Blob([bytes.subarray(1)]).stream();
        const inflated = stream.pipeThrough(new DecompressionStream('deflate'));
        return decode(new Uint8Array(await new Response(inflated).arrayBuffer()));
      };
      if (error) test(`golden: ${name} is malformed`, () => assert.rejects(frame));
      else
        test(`golden: ${name} holds its message`, async () =>
          assert.deepEqual(describe(await frame()), message));
    } else if (from === 'server' && error) {
      test(`golden: ${name} is malformed`, () => assert.throws(() => decode(bytes), ProtocolError));
    } else if (from === 'server') {
      test(`golden: ${name} is decoded`, () => assert.deepEqual(describe(decode(bytes)), message));
      test(`golden: ${name} is what the tests send`, () =>
        assert.equal(encodeServer(message).toString('hex'), hex));
    } else if (!error) {
      test(`golden: ${name} is encoded`, () =>
        assert.equal(Buffer.from(encode(tuple(message))).toString('hex'), hex));
      test(`golden: ${name} is what the tests read`, () =>
        assert.deepEqual(decodeClient(bytes), message));
    }
  }
} else {
  test('golden frames', { skip: 'tests/protocol/frames.json does not exist' });
}

test('a lone surrogate in a payload becomes a replacement character', () => {
  const message = [2, 1, 0, 0, 'AAAAAAAA', '\ud800'];
  assert.equal(decodeClient(encode(message)).payload, '\ufffd');
});

test('every cut of a frame is malformed', () => {
  const frame = encodeServer({ kind: 'joined', token: 'abc', heartbeat_ms: 300 });
  for (let length = 0; length < frame.length; length++) {
    assert.throws(() => decode(frame.subarray(0, length)), ProtocolError);
  }
});
