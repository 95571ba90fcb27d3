/**
 * The wire protocol: bytes to messages and back. Pure; tests/protocol/README.md is the contract.
 * A message is a tuple of its kind and its fields, an operation one of its code and its fields.
 *
 * @typedef {[kind: 1, version: number, token: string, applied: number, page: string]
 *   | [kind: 2, seq: number, seen: number, component: number, handler: string, payload: string]
 *   | [kind: 3, seen: number, failed: number[]]} ClientMessage
 *
 * @typedef {[kind: 1, version: number, ack: number, seq: number, token: string, heartbeatMs: number]
 *   | [kind: 2, seq: number, ack: number, operations: Operation[]]
 *   | [kind: 3, ack: number]
 *   | [kind: 4]} ServerMessage
 *
 * @typedef {[code: number, ...fields: any[]]} Operation patch.js has them in the order of their codes
 */

export const VERSION = 3;

// Fields by kind, and by code: `v` varint, `s` string, `b` byte, `l` list of varints, `t` list of strings, `p` of pairs
// of them, `r` text without its length, `o` operations up to the end.
const CLIENT = ['', 'vsvs', 'vvvrr', 'vl'];
const SERVER = [undefined, 'vvvsv', 'vvo', 'v', ''];
const OPERATIONS = ' v s s ss s vsl vv vv vsl v sl s vbsp s vvvs vsvltt'.split(' ');

/** A frame that is not what the protocol says. */
export const ProtocolError = SyntaxError;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The frame that is read, and where. @type {Uint8Array} */
let frame;
let at = 0;

const isDone = () => at === frame.length;

/** @param {unknown} isSound */
function must(isSound) {
  if (!isSound) throw new ProtocolError('malformed');
}

/** Reads one field. @type {Record<'b' | 'v' | 's' | 'l' | 't' | 'p' | 'o', () => any>} */
const READ = {
  b() {
    must(!isDone());
    return frame[at++];
  },
  v() {
    let value = 0;
    // Multiplied, not shifted: bit operators stop at 32 bits.
    for (let scale = 1; ; scale *= 128) {
      const byte = READ.b();
      value += (byte & 127) * scale;
      must(value < 2 ** 53);
      if (byte > 127) continue;
      // Ending in zero, a number is not in its shortest form.
      must(byte || scale === 1);
      return value;
    }
  },
  s() {
    const length = READ.v();
    must(at + length <= frame.length);
    at += length;
    try {
      return utf8.decode(frame.subarray(at - length, at));
    } catch {
      must(false);
    }
  },
  l: () => list(READ.v),
  t() {
    // One after the other, cut by their lengths: decoding each by itself takes ten times as long.
    const lengths = READ.l();
    const all = READ.s();
    let start = 0;
    const strings = lengths.map((/** @type {number} */ length) => {
      start += length;
      return all.slice(start - length, start);
    });
    must(start === all.length);
    return strings;
  },
  p: () => list(() => [READ.s(), READ.s()]),
  o() {
    const operations = [];
    while (!isDone()) operations.push(tuple(OPERATIONS));
    return operations;
  },
};

/** @param {() => any} item */
function list(item) {
  const items = [];
  for (let n = READ.v(); n > 0; n--) items.push(item());
  return items;
}

/** @param {(string | undefined)[]} table fields by the byte that comes first @returns {any} */
function tuple(table) {
  const fields = [READ.b()];
  const kinds = table[fields[0]];
  must(kinds !== undefined);
  for (const kind of kinds ?? '') fields.push(READ[/** @type {keyof typeof READ} */ (kind)]());
  return fields;
}

/**
 * @param {Uint8Array} bytes one frame
 * @returns {ServerMessage}
 * @throws {ProtocolError}
 */
export function decode(bytes) {
  frame = bytes;
  at = 0;
  const message = tuple(SERVER);
  must(isDone());
  return message;
}

const encoder = new TextEncoder();

/** Appends the bytes of one field. @satisfies {Record<string, (bytes: number[], value: any) => void>} */
const WRITE = {
  v(bytes, value) {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  },
  r(bytes, text) {
    // One by one: arguments of a single push are as many as the stack holds.
    for (const byte of encoder.encode(text)) bytes.push(byte);
  },
  s(bytes, text) {
    WRITE.v(bytes, encoder.encode(text).length);
    WRITE.r(bytes, text);
  },
  l(bytes, list) {
    for (const value of [list.length, ...list]) WRITE.v(bytes, value);
  },
};

/** @param {ClientMessage} message */
export function encode([kind, ...values]) {
  const bytes = [kind];
  values.forEach((value, index) => {
    const field = /** @type {keyof typeof WRITE} */ (CLIENT[kind]?.[index]);
    WRITE[field](bytes, value);
  });
  return Uint8Array.from(bytes);
}
