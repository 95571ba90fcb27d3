/** Makes a screenshot smaller: a palette of the 256 most frequent colours, which a page hardly exceeds. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const MAX_COLOURS = 256;

/** @param {Buffer} png of 8 bits a channel, not interlaced, as browsers write it */
export function reduce(png) {
  const { width, height, pixels } = decode(png);
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const frequent = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour);
  const palette = frequent.slice(0, MAX_COLOURS);
  const indexes = new Map(
    frequent.map((colour, index) => [
      colour,
      index < MAX_COLOURS ? index : nearest(palette, colour),
    ]),
  );

  const rows = Buffer.alloc((width + 1) * height);
  pixels.forEach((colour, pixel) => {
    rows[pixel + Math.floor(pixel / width) + 1] = indexes.get(colour);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap(channels));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @param {Buffer} png */
function decode(png) {
  const data = [];
  for (
    let offset = SIGNATURE.length;
    offset < png.length;
    offset += png.readUInt32BE(offset) + 12
  ) {
    const end = offset + 8 + png.readUInt32BE(offset);
    if (png.toString('latin1', offset + 4, offset + 8) === 'IDAT')
      data.push(png.subarray(offset + 8, end));
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const n_channels = png[25] === 6 ? 4 : 3;
  const stride = width * n_channels;
  const rows = inflateSync(Buffer.concat(data));
  const pixels = new Uint32Array(width * height);
  let above = Buffer.alloc(stride);
  for (let row = 0; row < height; row++) {
    const start = row * (stride + 1);
    const line = rows.subarray(start + 1, start + 1 + stride);
    for (let index = 0; index < stride; index++) {
      const left = line[index - n_channels] ?? 0;
      line[index] += predicted(rows[start], left, above[index], above[index - n_channels] ?? 0);
    }
    for (let column = 0; column < width; column++) {
      pixels[row * width + column] = line.readUIntBE(column * n_channels, 3);
    }
    above = line;
  }
  return { width, height, pixels };
}

/** What a row's filter took away. @param {number} filter @param {number} left @param {number} up @param {number} corner */
function predicted(filter, left, up, corner) {
  if (filter < 4) return [0, left, up, (left + up) >> 1][filter];
  const guess = left + up - corner;
  const distances = [left, up, corner].map((value) => Math.abs(guess - value));
  return [left, up, corner][distances.indexOf(Math.min(...distances))];
}

const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];

function nearest(palette, colour) {
  const distance = (other) =>
    channels(other).reduce((sum, value, index) => sum + (value - channels(colour)[index]) ** 2, 0);
  return palette.reduce(
    (best, other, index) => (distance(other) < distance(palette[best]) ? index : best),
    0,
  );
}

/** @param {string} kind @param {Buffer} content */
function chunk(kind, content) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
