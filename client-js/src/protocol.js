/**
 * The wire protocol: bytes to messages and back. Pure; tests/protocol/README.md is the contract.
 *
 * @typedef {{ kind: 'join', version: number, token: string, applied: number }} Join
 * @typedef {{ kind: 'event', seq: number, seen: number, component: number, handler: string, payload: string }} EventMessage
 * @typedef {{ kind: 'ack', seen: number, failed: number[] }} ClientAck
 * @typedef {Join | EventMessage | ClientAck} ClientMessage
 *
 * @typedef {{ kind: 'joined', version: number, ack: number, seq: number, token: string, heartbeat_ms: number }} Joined
 * @typedef {{ kind: 'patch', seq: number, ack: number, ops: Operation[] }} PatchMessage
 * @typedef {Joined | PatchMessage | { kind: 'ack', ack: number } | { kind: 'heartbeat' }} ServerMessage
 *
 * @typedef {{ op: 'refused', event: number, code: number, message: string, fields: [string, string][] }} Refused
 * @typedef {{ op: 'up' }
 *   | { op: 'child', index: number }
 *   | { op: 'text' | 'append', text: string }
 *   | { op: 'set', name: string, value: string }
 *   | { op: 'unset', name: string }
 *   | { op: 'insert' | 'replace', index: number, html: string, opaque: number[] }
 *   | { op: 'remove', index: number, count: number }
 *   | { op: 'move', from: number, to: number }
 *   | { op: 'component', id: number }
 *   | { op: 'resync', html: string, opaque: number[] }
 *   | { op: 'title', text: string }
 *   | Refused
 *   | { op: 'navigate', path: string }} Operation
 */

export const VERSION = 1;

/** A frame that is not what the protocol says. */
export class ProtocolError extends Error {
  name = 'ProtocolError';
}

/** @param {string} message @returns {never} */
function malformed(message) {
  throw new ProtocolError(message);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get done() {
    return this.#at === this.#bytes.length;
  }

  byte() {
    return this.#bytes[this.#at++] ?? malformed('the frame is cut short');
  }

  varint() {
    let value = 0;
    // Multiplied, not shifted: bit operators stop at 32 bits. Eight bytes hold 2^53-1.
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && scale > 1) malformed('a number is not in its shortest form');
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    return malformed('a number is above 2^53-1');
  }

  string() {
    const end = this.varint() + this.#at;
    if (end > this.#bytes.length) malformed('the frame is cut short');
    try {
      return utf8.decode(this.#bytes.subarray(this.#at, end));
    } catch {
      return malformed('a string is not UTF-8');
    } finally {
      this.#at = end;
    }
  }

  /** @template T @param {() => T} item @returns {T[]} */
  list(item) {
    const items = [];
    for (let n = this.varint(); n > 0; n--) items.push(item());
    return items;
  }
}

/** @typedef {(reader: Reader) => unknown} Field */

/** @type {Field} */
const byte = (reader) => reader.byte();
/** @type {Field} */
const varint = (reader) => reader.varint();
/** @type {Field} */
const string = (reader) => reader.string();
/** @type {Field} */
const indexes = (reader) => reader.list(() => reader.varint());
/** @type {Field} */
const pairs = (reader) => reader.list(() => [reader.string(), reader.string()]);

/** @type {[name: string, fields: Record<string, Field>][]} a table by code */
const OPERATIONS = [
  ['up', {}],
  ['child', { index: varint }],
  ['text', { text: string }],
  ['append', { text: string }],
  ['set', { name: string, value: string }],
  ['unset', { name: string }],
  ['insert', { index: varint, html: string, opaque: indexes }],
  ['remove', { index: varint, count: varint }],
  ['move', { from: varint, to: varint }],
  ['replace', { index: varint, html: string, opaque: indexes }],
  ['component', { id: varint }],
  ['resync', { html: string, opaque: indexes }],
  ['title', { text: string }],
  ['refused', { event: varint, code: byte, message: string, fields: pairs }],
  ['navigate', { path: string }],
];

/** @type {Field} */
function operations(reader) {
  const ops = [];
  while (!reader.done) {
    const [op, fields] = OPERATIONS[reader.byte()] ?? malformed('an operation is unknown');
    ops.push(read(reader, { op }, fields));
  }
  return ops;
}

/** @type {Record<number, [kind: string, fields: Record<string, Field>]>} */
const SERVER_MESSAGES = {
  1: ['joined', { version: varint, ack: varint, seq: varint, token: string, heartbeat_ms: varint }],
  2: ['patch', { seq: varint, ack: varint, ops: operations }],
  3: ['ack', { ack: varint }],
  4: ['heartbeat', {}],
};

/**
 * @param {Reader} reader
 * @param {Record<string, unknown>} into
 * @param {Record<string, Field>} fields
 */
function read(reader, into, fields) {
  for (const name in fields) into[name] = /** @type {Field} */ (fields[name])(reader);
  return into;
}

/**
 * @param {Uint8Array} bytes one frame
 * @returns {ServerMessage}
 * @throws {ProtocolError}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const [kind, fields] = SERVER_MESSAGES[reader.byte()] ?? malformed('the kind is unknown');
  const message = read(reader, { kind }, fields);
  if (!reader.done) malformed('bytes follow the last field');
  return /** @type {ServerMessage} */ (/** @type {unknown} */ (message));
}

const encoder = new TextEncoder();

/** @param {number} value @returns {number[]} */
function varintBytes(value) {
  const bytes = [];
  while (value > 127) {
    bytes.push((value % 128) | 128);
    value = Math.floor(value / 128);
  }
  return [...bytes, value];
}

/** @param {(number | number[] | Uint8Array)[]} parts @returns {Uint8Array<ArrayBuffer>} */
function frame(...parts) {
  const chunks = parts.map((part) => (typeof part === 'number' ? varintBytes(part) : part));
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** @param {ClientMessage} message one frame's worth */
export function encode(message) {
  switch (message.kind) {
    case 'join': {
      const token = encoder.encode(message.token);
      return frame(1, message.version, token.length, token, message.applied);
    }
    case 'event': {
      const { seq, seen, component, handler, payload } = message;
      return frame(2, seq, seen, component, encoder.encode(handler), encoder.encode(payload));
    }
    case 'ack':
      return frame(3, message.seen, message.failed.length, message.failed.flatMap(varintBytes));
  }
}
