import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { emptyLargest } from '../src/oversize.js';
import { createSession, UNSETTLED_LIMIT } from '../src/session.js';

mock.timers.enable({ apis: ['setTimeout'] });

/** A session with everything that it says and does written down. */
function start({ broken = [], failed = [], before = '' } = {}) {
  const log = { sent: [], patches: [], settled: [], acks: [], tokens: [], reconnects: 0 };
  const session = createSession('token', before, {
    applied: 0,
    token: (token) => log.tokens.push(token),
    send: (message) => log.sent.push(message),
    reconnect: () => {
      log.reconnects++;
    },
    patch(operations, ack) {
      log.patches.push([operations, ack]);
      return failed;
    },
    broken: () => [...broken],
    ack: (ack) => log.acks.push(ack),
    settled: (event) => log.settled.push(event),
  });
  const act = (payload = '') =>
    session.send({
      seen: session.applied(),
      component: 0,
      handler: 'AAAAAAAA',
      payload,
      type: 'click',
    });
  const take = () => log.sent.splice(0);
  const join = (ack = 0, seq = session.applied()) => {
    session.join();
    session.receive([1, 1, ack, seq, 'next', 1000]);
  };
  return { session, log, act, take, join };
}

test('events made before the session is joined are sent after it, in order', () => {
  const { act, take, join } = start();
  act('a');
  act('b');
  assert.deepEqual(take(), []);
  join();
  assert.deepEqual(take(), [
    [1, 3, 'token', 0, ''],
    [2, 1, 0, 0, 'AAAAAAAA', 'a'],
    [2, 2, 0, 0, 'AAAAAAAA', 'b'],
  ]);
});

test('after a lost connection only the events that are not settled are sent again, once', () => {
  const { session, log, act, take, join } = start();
  join();
  for (const payload of ['a', 'b', 'c']) act(payload);
  session.receive([3, 1]);
  session.closed();
  act('d');
  take();
  join(2, 0);
  assert.deepEqual(
    take().map(([kind, seq]) => [kind, seq]),
    [
      [1, 3],
      [2, 3],
      [2, 4],
    ],
  );
  // What became of the second one follows.
  assert.deepEqual(
    log.settled.map(({ payload }) => payload),
    ['a'],
  );
  session.receive([3, 2]);
  assert.deepEqual(
    log.settled.map(({ payload }) => payload),
    ['a', 'b'],
  );
});

test('an event that was refused while the connection was lost is known when that is told', () => {
  const { session, log, act, join } = start();
  join();
  act('a');
  session.closed();
  join(1, 0);
  const refusal = { code: 1, message: '', fields: [] };
  assert.equal(session.refuse(1, refusal)?.payload, 'a');
  session.receive([2, 1, 1, []]);
  assert.deepEqual(
    log.settled.map((event) => event.refusal),
    [refusal],
  );
});

test('the join names the newest token and the last patch', () => {
  const { session, take, join } = start();
  join();
  session.receive([2, 1, 0, []]);
  session.closed();
  take();
  session.join();
  assert.deepEqual(take(), [[1, 3, 'next', 1, '']]);
});

test('a patch that was applied is skipped, but its acknowledgement counts', () => {
  const { session, log, act, join } = start();
  join();
  act();
  session.receive([2, 1, 0, [[0]]]);
  session.receive([2, 1, 1, [[0]]]);
  assert.equal(log.patches.length, 1);
  assert.equal(log.settled.length, 1);
});

test('a gap between patches asks for a new connection', () => {
  const { session, log, join } = start();
  join();
  session.receive([2, 2, 0, []]);
  assert.deepEqual([log.reconnects, log.patches.length], [1, 0]);
});

test('a patch is answered by the next event, by the eighth patch or after half a second', () => {
  const { session, act, take, join } = start();
  join();
  take();
  session.receive([2, 1, 0, []]);
  act();
  mock.timers.tick(1000);
  assert.deepEqual(
    take().map(([kind]) => kind),
    [2],
  );
  for (let seq = 2; seq <= 9; seq++) session.receive([2, seq, 0, []]);
  assert.deepEqual(take(), [[3, 9, []]]);
  session.receive([2, 10, 0, []]);
  mock.timers.tick(499);
  assert.deepEqual(take(), []);
  mock.timers.tick(1);
  assert.deepEqual(take(), [[3, 10, []]]);
});

test('failed components are reported at once, and broken ones on joining', () => {
  const failing = start({ failed: [4] });
  failing.join();
  failing.take();
  failing.session.receive([2, 1, 0, []]);
  assert.deepEqual(failing.take(), [[3, 1, [4]]]);
  const broken = start({ broken: [2] });
  broken.join();
  assert.deepEqual(broken.take().at(-1), [3, 0, [2]]);
});

test('a heartbeat is answered', () => {
  const { session, take, join } = start();
  join();
  take();
  session.receive([4]);
  assert.deepEqual(take(), [[3, 0, []]]);
});

test('a page from a cache goes on counting where the session is', () => {
  const { session, log, act, take, join } = start();
  act('a');
  join(17, 0);
  assert.deepEqual(take().at(-1), [2, 18, 0, 0, 'AAAAAAAA', 'a']);
  session.receive([2, 1, 18, []]);
  assert.deepEqual(log.patches, [[[], 1]]);
  assert.equal(log.settled.length, 1);
});

test('where the server goes on from another page, what was done on this one is sent as seen by none', () => {
  const { session, act, take, join } = start();
  join();
  for (let seq = 1; seq <= 3; seq++) session.receive([2, seq, 0, []]);
  session.closed();
  act('before');
  take();
  join(0, 1);
  assert.equal(session.applied(), 1);
  assert.deepEqual(take().at(-1), [2, 1, 0, 0, 'AAAAAAAA', 'before']);
  session.send({ seen: 3, component: 0, handler: 'AAAAAAAA', payload: 'waited', type: 'input' });
  assert.deepEqual(take(), [[2, 2, 1, 0, 'AAAAAAAA', 'waited']]);
  session.receive([2, 2, 0, []]);
  act('after');
  assert.deepEqual(take(), [[2, 3, 2, 0, 'AAAAAAAA', 'after']]);
});

test('a page that was loaded again asks for what it showed before, until it shows what it goes on with', () => {
  const { session, log, act, take, join } = start({ before: 'before' });
  session.join();
  session.closed();
  join(7, 12);
  assert.deepEqual(take(), [
    [1, 3, 'before', 0, 'token'],
    [1, 3, 'before', 0, 'token'],
  ]);
  act();
  assert.deepEqual(take(), [[2, 8, 12, 0, 'AAAAAAAA', '']], 'it counts on where the session is');
  session.closed();
  session.join();
  assert.deepEqual(take(), [[1, 3, 'next', 12, 'token']], 'nothing of it has come');
  join(8, 12);
  act();
  assert.deepEqual(
    take().at(-1),
    [2, 10, 12, 0, 'AAAAAAAA', ''],
    'the one before was nothing to it, and is sent as the next',
  );
  session.receive([2, 13, 10, []]);
  session.closed();
  session.join();
  assert.deepEqual(take().at(-1), [1, 3, 'next', 13, '']);
  assert.deepEqual(log.tokens, ['next', 'next']);
});

test('no more events are taken than the bound', () => {
  const { act } = start();
  for (let n = 0; n < UNSETTLED_LIMIT; n++) assert.equal(act(), true);
  assert.equal(act(), false);
});

test('a refusal is kept until its event is settled', () => {
  const { session, log, act, join } = start();
  join();
  act();
  const refusal = { code: 1, message: 'm', fields: [] };
  assert.equal(session.refuse(1, refusal)?.seq, 1);
  assert.equal(session.refuse(9, refusal), undefined);
  session.receive([3, 1]);
  assert.deepEqual(log.settled[0].refusal, refusal);
});

test('an event that is too large is not sent again', () => {
  const { session, log, act, take, join } = start();
  join();
  act('small');
  act('x'.repeat(100));
  session.closed();
  emptyLargest(session.unsettled);
  take();
  join(0, 0);
  assert.deepEqual(
    take()
      .slice(1)
      .map((message) => message[5]),
    ['small', ''],
  );
  session.receive([3, 2]);
  assert.match(log.settled[1].refusal.message, /too large/i);
});
