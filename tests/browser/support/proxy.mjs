/** A way to the server that can be cut: unlike a browser's own offline mode, it also ends sockets that are open. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @param {number} port of the server */
export async function startProxy(port) {
  const sockets = new Set();
  let isCut = false;
  const proxy = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
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
    async stop() {
      this.cut();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
