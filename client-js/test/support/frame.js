// The wire protocol with names, as the golden frames have it. It encodes what a server sends and decodes what
// a client sends; `describe` and `tuple` translate to and from the client's own tuples.

import { deflateSync } from 'node:zlib';

export const OPERATIONS =
  'up child text append set unset insert remove move replace component resync title refused navigate splice repeat'.split(
    ' ',
  );

const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
};
const string = (text) => {
  const bytes = Buffer.from(text);
  return [...varint(bytes.length), ...bytes];
};
const list = (items, encode) => [...varint(items.length), ...items.flatMap(encode)];
const strings = (all) => [...list(all, ({ length }) => varint(length)), ...string(all.join(''))];
const html = ({ html, opaque = [] }) => [...string(html), ...list(opaque, varint)];

const FIELDS = {
  up: () => [],
  child: (op) => varint(op.index),
  text: (op) => string(op.text),
  append: (op) => string(op.text),
  set: (op) => [...string(op.name), ...string(op.value)],
  unset: (op) => string(op.name),
  insert: (op) => [...varint(op.index), ...html(op)],
  remove: (op) => [...varint(op.index), ...varint(op.count)],
  move: (op) => [...varint(op.from), ...varint(op.to)],
  replace: (op) => [...varint(op.index), ...html(op)],
  component: (op) => varint(op.id),
  resync: html,
  title: (op) => string(op.text),
  refused: (op) => [
    ...varint(op.event),
    op.code,
    ...string(op.message),
    ...list(op.fields, (pair) => pair.flatMap(string)),
  ],
  navigate: (op) => string(op.path),
  repeat: (op) => [
    ...varint(op.index),
    ...string(op.html),
    ...varint(op.copies),
    ...list(op.nodes, varint),
    ...strings(op.names),
    ...strings(op.values),
  ],
  splice: (op) => [
    ...varint(op.start),
    ...varint(op.count),
    ...varint(op.length),
    ...string(op.text),
  ],
};

/** @returns {Buffer} */
export function encodeServer(message) {
  switch (message.kind) {
    case 'joined': {
      const { version = 3, ack = 0, seq = 0, token = 'next', heartbeat_ms = 20_000 } = message;
      const fields = [
        varint(version),
        varint(ack),
        varint(seq),
        string(token),
        varint(heartbeat_ms),
      ];
      return Buffer.from([1, ...fields.flat()]);
    }
    case 'patch': {
      const ops = message.ops.flatMap((op) => [OPERATIONS.indexOf(op.op), ...FIELDS[op.op](op)]);
      return Buffer.from([2, ...varint(message.seq), ...varint(message.ack ?? 0), ...ops]);
    }
    case 'ack':
      return Buffer.from([3, ...varint(message.ack)]);
    case 'deflated':
      return Buffer.concat([Buffer.from([5]), deflateSync(encodeServer(message.message))]);
    case 'heartbeat':
      return Buffer.from([4]);
    default:
      throw new Error(`unknown kind: ${message.kind}`);
  }
}

/** @param {Uint8Array} bytes */
export function decodeClient(bytes) {
  let at = 1;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const text = (length) => {
    at += length;
    return Buffer.from(bytes.subarray(at - length, at)).toString();
  };
  switch (bytes[0]) {
    case 1:
      return {
        kind: 'join',
        version: number(),
        token: text(number()),
        applied: number(),
        page: text(number()),
      };
    case 2: {
      const [seq, seen, component] = [number(), number(), number()];
      return {
        kind: 'event',
        seq,
        seen,
        component,
        handler: text(8),
        payload: text(bytes.length - at),
      };
    }
    case 3:
      return { kind: 'ack', seen: number(), failed: Array.from({ length: number() }, number) };
    default:
      throw new Error(`unknown kind: ${bytes[0]}`);
  }
}

const FIELD_NAMES = {
  child: ['index'],
  text: ['text'],
  append: ['text'],
  set: ['name', 'value'],
  unset: ['name'],
  insert: ['index', 'html', 'opaque'],
  remove: ['index', 'count'],
  move: ['from', 'to'],
  replace: ['index', 'html', 'opaque'],
  component: ['id'],
  resync: ['html', 'opaque'],
  title: ['text'],
  refused: ['event', 'code', 'message', 'fields'],
  navigate: ['path'],
  repeat: ['index', 'html', 'copies', 'nodes', 'names', 'values'],
  splice: ['start', 'count', 'length', 'text'],
};

const named = (first, names = [], values) => ({
  ...first,
  ...Object.fromEntries(names.map((name, index) => [name, values[index]])),
});

/** Names the fields of a message that the client decoded. */
export function describe([kind, ...fields]) {
  switch (kind) {
    case 1:
      return named({ kind: 'joined' }, ['version', 'ack', 'seq', 'token', 'heartbeat_ms'], fields);
    case 2: {
      const ops = fields[2].map(([code, ...values]) =>
        named({ op: OPERATIONS[code] }, FIELD_NAMES[OPERATIONS[code]], values),
      );
      return { kind: 'patch', seq: fields[0], ack: fields[1], ops };
    }
    case 3:
      return { kind: 'ack', ack: fields[0] };
    default:
      return { kind: 'heartbeat' };
  }
}

/** The tuple of a client's message with names. */
export function tuple(message) {
  switch (message.kind) {
    case 'join':
      return [1, message.version, message.token, message.applied, message.page];
    case 'event': {
      const { seq, seen, component, handler, payload } = message;
      return [2, seq, seen, component, handler, payload];
    }
    default:
      return [3, message.seen, message.failed];
  }
}
