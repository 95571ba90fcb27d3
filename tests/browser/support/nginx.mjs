/** nginx as people put it before a server, with nothing in its configuration about WebSockets. `NGINX` says where it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const NGINX = process.env.NGINX ?? '/usr/sbin/nginx';

/** It buffers and compresses what it is not told to leave alone, as it does by default and as many do. */
const configuration = (folder, locations) => `
  ${process.getuid() === 0 ? 'user root;' : ''}
  daemon off;
  worker_processes 1;
  pid ${folder}/pid;
  error_log stderr;
  events {}
  http {
    access_log ${folder}/access.log;
    gzip on;
    gzip_proxied any;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    server {
      listen unix:${folder}/socket;
      ${locations}
    }
  }`;

/** All of it, and nothing about sockets. */
const whole = (port) =>
  `location / { proxy_pass http://127.0.0.1:${port}; proxy_set_header Host $http_host; }`;

/**
 * @param {number} port of the server
 * @param {object} [options]
 * @param {boolean} [options.hangs] whether sockets are not refused, but never answered
 * @param {string} [options.locations] what is handed on, and how; by default all of it
 */
export async function startNginx(port, { hangs = false, locations = whole(port) } = {}) {
  if (!existsSync(NGINX))
    throw new Error(`no nginx at ${NGINX}: run \`apt-get install nginx-light\`, or set NGINX`);
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const silent = createServer((socket) => socket.resume().on('error', () => {}));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const hole = `location ~ /socket$ { proxy_pass http://127.0.0.1:${silent.address().port}; }`;
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, locations + (hangs ? hole : '')));
  const child = spawn(NGINX, ['-p', folder, '-e', 'stderr', '-c', file], { stdio: 'inherit' });
  const exit = once(child, 'exit');
  const path = join(folder, 'socket');
  for (let tries = 0; !existsSync(path) && child.exitCode === null; tries++) {
    if (tries > 500) throw new Error('nginx did not start in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    /** Where it listens. */
    path,
    async stop() {
      child.kill();
      await exit;
      silent.close();
      await rm(folder, { recursive: true });
    },
  };
}
