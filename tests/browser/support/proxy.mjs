/**
 * A way to the server that can be cut, or held up in one direction. Unlike a browser's own offline mode, cutting also ends
 * sockets that are open.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * @param {number | string} port of the server, or the path of its socket
 * @param {(text: string) => string} [rewrite] changes what the server says into something as long
 */
export async function startProxy(port, rewrite) {
  const sockets = new Set();
  let isCut = false;
  /** What waits on its way `up` to the server or `down` from it. @type {Record<string, (() => void)[] | null>} */
  const held = { up: null, down: null };
  /** How many bytes still get up before what follows is held. */
  let room = Infinity;
  const proxy = createServer((near) => {
    if (isCut) return near.destroy();
    const far = typeof port === 'string' ? connect(port) : connect(port, '127.0.0.1');
    for (const [direction, socket, other] of [
      ['up', near, far],
      ['down', far, near],
    ]) {
      const pass = (send) => (held[direction] ? held[direction].push(send) : send());
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (chunk) => {
        if (direction === 'up') room -= chunk.length;
        if (room < 0) held.up ??= [];
        const isRewritten = rewrite && direction === 'down';
        const said = isRewritten ? Buffer.from(rewrite(chunk.toString('latin1')), 'latin1') : chunk;
        pass(() => other.write(said));
      });
      socket.on('end', () => pass(() => other.end()));
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        // What was said before it closed is still on its way.
        if (!held[direction]) other.destroySoon();
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    address: `http://127.0.0.1:${proxy.address().port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    /** @param {'up' | 'down'} direction */
    hold(direction) {
      held[direction] = [];
    },
    /** Lets so many bytes up to the server, and holds what follows. @param {number} bytes */
    holdAfter(bytes) {
      room = bytes;
    },
    /** Lets go what waits. @param {'up' | 'down'} direction */
    release(direction) {
      const waiting = held[direction] ?? [];
      held[direction] = null;
      if (direction === 'up') room = Infinity;
      for (const send of waiting) send();
    },
    async stop() {
      this.cut();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
