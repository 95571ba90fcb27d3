import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { MALFORMED, NO_SESSION, OTHER_VERSION, TAKEN_OVER } from '../src/close.js';
import { createSocket } from '../src/socket.js';
import '../src/stream.js';
import { encodeServer } from './support/frame.js';

mock.timers.enable({ apis: ['setTimeout'] });
// The longest delay that the jitter gives.
mock.method(Math, 'random', () => 1);
const complaints = mock.method(console, 'error', () => {});

class FakeWebSocket {
  static all = [];
  sent = [];
  readyState = 0;
  isClosed = false;
  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
    FakeWebSocket.all.push(this);
  }
  send(bytes) {
    this.sent.push([...bytes]);
  }
  close() {
    this.isClosed = true;
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  receive(message) {
    this.onmessage({ data: encodeServer(message) });
  }
}
globalThis.WebSocket = FakeWebSocket;

/** What stream.js asked for; no server answers. */
let streams = 0;
/** Whether a stream gets through, and with what. */
let answer = () => Promise.reject(new TypeError('away'));
globalThis.fetch = () => {
  streams++;
  return answer();
};
globalThis.sessionStorage = {};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1e12 });
  FakeWebSocket.all = [];
  streams = 0;
  answer = () => Promise.reject(new TypeError('away'));
  globalThis.sessionStorage = {};
});

/** Until all that needs no time is done; a module may be read for it. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** An answer that goes on for as long as the test likes. */
function openAnswer() {
  let controller;
  const body = new ReadableStream({
    start(given) {
      controller = given;
    },
  });
  answer = () => Promise.resolve({ ok: true, status: 200, body });
  const say = (text) => controller.enqueue(new TextEncoder().encode(text));
  return {
    frame: (message) => say(`data:${encodeServer(message).toString('base64')}\n\n`),
    end: () => controller.close(),
  };
}

function start({ joins = false } = {}) {
  const log = { messages: [], closes: [], states: [], opens: 0 };
  const socket = createSocket(new URL('../src/socket', import.meta.url), {
    open: () => {
      log.opens++;
      if (joins) socket.send([1, 3, 'token', 0, '']);
    },
    message: (message) => log.messages.push(message),
    close: (code) => log.closes.push(code),
    state: (state) => log.states.push(state),
  });
  socket.connect();
  const last = () => FakeWebSocket.all.at(-1);
  return { socket, log, last };
}

test('it speaks the subprotocol and is connected once it has joined', () => {
  const { socket, log, last } = start();
  assert.deepEqual([last().protocol, last().binaryType], ['livefloe.3', 'arraybuffer']);
  socket.send([3, 0, []]);
  last().open();
  socket.send([3, 1, []]);
  assert.deepEqual([log.opens, log.states, last().sent], [1, [], [[3, 1, 0]]]);
  last().receive({ kind: 'joined' });
  assert.deepEqual(log.states, ['connected']);
});

test('the delays double up to their bound, until the server has spoken after joining', async () => {
  const { log, last } = start({ joins: true });
  const delays = [];
  const delay = async () => {
    const count = FakeWebSocket.all.length + streams;
    let ms = 0;
    for (; FakeWebSocket.all.length + streams === count; ms++) {
      assert.ok(ms < 20_000, 'no attempt');
      mock.timers.tick(1);
      // A stream's module takes a turn to load.
      if (ms < 2) await settled();
    }
    return ms;
  };
  const wanted = [];
  for (let n = 1; n <= 9; n++) {
    const wasStream = streams;
    if (n % 3) last().onclose({ code: 1006 });
    else await settled();
    delays.push(await delay());
    wanted.push(streams > wasStream);
  }
  // One at once after each two, which is a stream.
  assert.deepEqual(delays, [250, 1, 1000, 2000, 1, 8000, 10_000, 1, 10_000]);
  assert.deepEqual(wanted, [false, true, false, false, true, false, false, true, false]);
  last().open();
  last().receive({ kind: 'joined' });
  last().onclose({ code: 1001 });
  assert.equal(await delay(), 10_000);
  last().open();
  last().receive({ kind: 'joined' });
  last().receive({ kind: 'heartbeat' });
  last().onclose({ code: 1001 });
  assert.equal(await delay(), 250);
  assert.deepEqual(log.states, ['connected', 'reconnecting', 'connected', 'reconnecting']);
});

test('where sockets fail a stream has their place, for a while in this tab', async () => {
  const { socket, log, last } = start({ joins: true });
  const stream = openAnswer();
  last().onclose({ code: 1006 });
  mock.timers.tick(250);
  last().onclose({ code: 1006 });
  mock.timers.tick(1);
  await settled();
  assert.deepEqual([FakeWebSocket.all.length, log.opens], [2, 1]);
  assert.equal(streams, 1);
  stream.frame({ kind: 'joined' });
  stream.frame({ kind: 'heartbeat' });
  await settled();
  assert.deepEqual(log.states, ['connected']);
  // The connection goes, and comes back as it was; in another page of the tab as well.
  stream.end();
  await settled();
  openAnswer();
  mock.timers.tick(250);
  await settled();
  const other = start({ joins: true });
  await settled();
  assert.deepEqual([FakeWebSocket.all.length, streams, log.opens], [2, 3, 2]);
  socket.close();
  other.socket.close();
  // A socket has its turn again later, and one that fails is enough then.
  mock.timers.tick(600_000);
  const later = start();
  assert.equal(FakeWebSocket.all.length, 3);
  later.last().open();
  later.last().receive({ kind: 'joined' });
  assert.deepEqual(later.log.states, ['connected']);
});

test('a socket that hangs before it opens is given up soon', async () => {
  const { log } = start();
  mock.timers.tick(3_000);
  mock.timers.tick(250);
  assert.equal(FakeWebSocket.all.length, 2);
  mock.timers.tick(3_000);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual([FakeWebSocket.all.length, log.opens], [2, 1]);
});

test('what is away for both is no reason to go on with streams', async () => {
  const { log, last } = start({ joins: true });
  last().onclose({ code: 1006 });
  mock.timers.tick(250);
  last().onclose({ code: 1006 });
  mock.timers.tick(1);
  await settled();
  await settled();
  assert.deepEqual([streams, log.closes], [1, [1006, 1006, 1006]]);
  mock.timers.tick(10_000);
  last().open();
  last().receive({ kind: 'joined' });
  assert.deepEqual([FakeWebSocket.all.length, streams, log.states], [3, 1, ['connected']]);
});

test('silence of two heartbeats drops the connection', () => {
  const { log, last } = start();
  const first = last();
  first.open();
  first.receive({ kind: 'joined', heartbeat_ms: 1000 });
  mock.timers.tick(1999);
  first.receive({ kind: 'heartbeat' });
  mock.timers.tick(1999);
  assert.equal(first.isClosed, false);
  mock.timers.tick(1);
  assert.equal(first.isClosed, true);
  // What it says after that is not for anyone.
  first.receive({ kind: 'ack', ack: 1 });
  assert.equal(log.messages.length, 2);
  mock.timers.tick(250);
  assert.equal(FakeWebSocket.all.length, 2);
});

test('a server that never joins is given up', () => {
  const { last } = start();
  const first = last();
  first.open();
  mock.timers.tick(10_000);
  assert.equal(first.isClosed, true);
});

for (const code of [NO_SESSION, TAKEN_OVER, OTHER_VERSION]) {
  test(`after ${code} it does not connect again, not even when told to`, () => {
    const { socket, log, last } = start();
    last().onclose({ code });
    mock.timers.tick(60_000);
    socket.connect();
    assert.deepEqual([FakeWebSocket.all.length, log.states], [1, ['ended']]);
  });
}

for (const code of [1001, 1006, 1009, 4400, 4408, 4429]) {
  test(`after ${code} it connects again`, () => {
    const { log, last } = start();
    last().onclose({ code });
    mock.timers.tick(250);
    assert.deepEqual([FakeWebSocket.all.length, log.closes], [2, [code]]);
  });
}

test('another version of the protocol ends it, and so does a malformed frame', () => {
  const version = start();
  version.last().open();
  version.last().receive({ kind: 'joined', version: 4 });
  assert.deepEqual(version.log.states, ['ended']);
  const malformed = start();
  malformed.last().open();
  malformed.last().onmessage({ data: new Uint8Array([9]) });
  assert.deepEqual([malformed.log.states, malformed.log.closes], [['ended'], [MALFORMED]]);
  assert.equal(complaints.mock.callCount() > 0, true);
});

test('told to connect, it does not wait; closed, it waits to be told', () => {
  const { socket, last } = start();
  last().onclose({ code: 1006 });
  socket.connect();
  assert.equal(FakeWebSocket.all.length, 2);
  socket.close();
  mock.timers.tick(60_000);
  assert.equal(FakeWebSocket.all.length, 2);
  socket.connect();
  assert.equal(FakeWebSocket.all.length, 3);
});
