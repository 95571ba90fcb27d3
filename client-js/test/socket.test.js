import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { MALFORMED, NO_SESSION, OTHER_VERSION, TAKEN_OVER } from '../src/close.js';
import { createSocket } from '../src/socket.js';
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

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeWebSocket.all = [];
});

function start() {
  const log = { messages: [], closes: [], states: [], opens: 0 };
  const socket = createSocket(new URL('ws://example.test/socket'), {
    open: () => {
      log.opens++;
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

test('the delays double up to their bound, until the server has spoken after joining', () => {
  const { log, last } = start();
  const delays = [];
  const delay = () => {
    const count = FakeWebSocket.all.length;
    let ms = 0;
    for (; FakeWebSocket.all.length === count; ms++) mock.timers.tick(1);
    return ms;
  };
  for (let n = 0; n < 8; n++) {
    last().onclose({ code: 1006 });
    delays.push(delay());
  }
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  last().open();
  last().receive({ kind: 'joined' });
  last().onclose({ code: 1001 });
  assert.equal(delay(), 10_000);
  last().open();
  last().receive({ kind: 'joined' });
  last().receive({ kind: 'heartbeat' });
  last().onclose({ code: 1001 });
  assert.equal(delay(), 250);
  assert.deepEqual(log.states, ['connected', 'reconnecting', 'connected', 'reconnecting']);
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
