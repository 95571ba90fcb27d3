import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Stream } from '../src/stream.js';

mock.timers.enable({ apis: ['setTimeout'] });

/** Requests for frames that wait for an answer: `[headers, frames, answer]`. */
let posts = [];
let stream;
let controller;
let signal;
let log;

/** The frames of a batch. */
function unpack(body) {
  const frames = [];
  for (let at = 0; at < body.length; ) {
    let length = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at++];
      length += (byte & 127) * scale;
      if (byte < 128) break;
    }
    frames.push(body.subarray(at, at + length));
    at += length;
  }
  return frames;
}

globalThis.fetch = (url, options) => {
  assert.equal(options.method, 'POST');
  assert.equal(options.headers['content-type'], 'application/octet-stream');
  if (String(url) === 'http://app.test/livefloe/v/stream') {
    log.push(['join', ...options.body]);
    signal = options.signal;
    const body = new ReadableStream({
      start(given) {
        controller = given;
      },
    });
    return Promise.resolve({ ok: true, status: 200, body });
  }
  assert.equal(String(url), 'http://app.test/livefloe/v/frames');
  return new Promise((resolve, reject) => {
    const answer = (status) => (status ? resolve({ status }) : reject(new TypeError('lost')));
    posts.push({ options, frames: unpack(options.body), answer });
  });
};
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const say = async (text) => {
  controller.enqueue(new TextEncoder().encode(text));
  await settled();
};

/** A stream that is open and has a name. */
async function open() {
  posts = [];
  log = [];
  stream = new Stream(new URL('http://app.test/livefloe/v/socket'));
  stream.onopen = () => stream.send(Uint8Array.of(1, 2, 3));
  stream.onmessage = ({ data }) => log.push(['frame', ...data]);
  stream.onclose = ({ code }) => log.push(['close', code]);
  await settled();
  assert.deepEqual(log.splice(0), [['join', 1, 2, 3]]);
  await say(`:${' '.repeat(2048)}\n\nevent:open\ndata:NAME\n\n`);
}

beforeEach(open);

test('frames are taken out of the events, however these are cut', async () => {
  const text = 'data:AQID\n\ndata:BA==\n\n: still here\n\ndata:BQY=\n\n';
  for (const size of [1, 2, 3, 7, 1000]) {
    for (let at = 0; at < text.length; at += size) await say(text.slice(at, at + size));
    assert.deepEqual(log.splice(0), [
      ['frame', 1, 2, 3],
      ['frame', 4],
      ['frame', 5, 6],
    ]);
  }
});

test('a close code comes as an event, and nothing after it', async () => {
  await say('event:close\ndata:4409 another socket\n\ndata:AQID\n\n');
  assert.deepEqual(log, [['close', 4409]]);
  assert.equal(signal.aborted, true);
});

for (const [how, end] of [
  ['ends', () => controller.close()],
  ['breaks', () => controller.error(new TypeError('lost'))],
]) {
  test(`an answer that ${how} is a lost connection`, async () => {
    end();
    await settled();
    assert.deepEqual(log, [['close', 1006]]);
  });
}

test('one batch is on its way at a time, with all that waited', async () => {
  for (let n = 1; n <= 4; n++) stream.send(Uint8Array.of(n));
  assert.equal(posts.length, 1);
  assert.deepEqual(posts[0].frames, [Uint8Array.of(1)]);
  assert.equal(posts[0].options.headers['livefloe-stream'], 'NAME');
  assert.equal(posts[0].options.headers['livefloe-batch'], '1');
  posts[0].answer(204);
  await settled();
  assert.deepEqual(posts[1].frames, [Uint8Array.of(2), Uint8Array.of(3), Uint8Array.of(4)]);
  assert.equal(posts[1].options.headers['livefloe-batch'], '2');
});

test('a batch is no larger than the server takes; a large frame is alone', async () => {
  const sizes = [1, 9000, 6000, 3000, 40_000, 5, 70_000, 200];
  for (const size of sizes) stream.send(new Uint8Array(size));
  const batches = [];
  for (let n = 0; posts[n]; n++) {
    batches.push(posts[n].frames.map(({ length }) => length));
    assert.ok(posts[n].frames.length === 1 || posts[n].options.body.length <= 16_384);
    // A browser refuses to keep more than 64 KiB alive.
    assert.equal(posts[n].options.keepalive, posts[n].options.body.length < 60_000);
    posts[n].answer(204);
    await settled();
  }
  assert.deepEqual(batches, [[1], [9000, 6000], [3000], [40_000], [5], [70_000], [200]]);
});

test('what may not have come is sent again under its number, and given up in the end', async () => {
  stream.send(Uint8Array.of(1));
  for (const [n, pause] of [250, 500, 1000].entries()) {
    posts[n].answer(n === 1 ? 502 : 0);
    await settled();
    assert.equal(posts.length, n + 1);
    mock.timers.tick(pause);
    await settled();
    assert.equal(posts[n + 1].options.headers['livefloe-batch'], '1');
    assert.deepEqual(posts[n + 1].frames, [Uint8Array.of(1)]);
  }
  posts[3].answer(503);
  await settled();
  assert.deepEqual(log, [['close', 1006]]);
});

for (const [status, code] of [
  [404, 1006],
  [409, 1006],
  [403, 1006],
  [413, 1009],
]) {
  test(`${status} ends it with ${code}`, async () => {
    stream.send(Uint8Array.of(1));
    posts[0].answer(status);
    await settled();
    mock.timers.tick(10_000);
    await settled();
    assert.deepEqual([posts.length, log], [1, [['close', code]]]);
    assert.equal(signal.aborted, true);
  });
}

test('a page that goes sends what waits, and says no more', async () => {
  stream.send(Uint8Array.of(1));
  stream.send(Uint8Array.of(2));
  stream.close();
  stream.close();
  assert.deepEqual(posts[1].frames, [Uint8Array.of(2)]);
  assert.equal(signal.aborted, true);
  posts[0].answer(0);
  posts[1].answer(404);
  await settled();
  mock.timers.tick(10_000);
  await settled();
  assert.deepEqual([posts.length, log], [2, []]);
});

test('one that is closed before it opens asks for nothing', async () => {
  log = [];
  const early = new Stream(new URL('http://app.test/livefloe/v/socket'));
  early.onopen = () => log.push('open');
  early.close();
  await settled();
  assert.deepEqual(log, []);
});
