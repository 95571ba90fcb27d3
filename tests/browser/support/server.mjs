/** The server under test: a process of its own, which says on which address it listens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What serves the examples of these languages, below `/rust` and `/python`. */
const EXAMPLES = process.env.BROWSER_TEST_SERVER ?? '.venv/bin/python examples/demo.py';
/** What runs apps in Python. */
export const PYTHON = EXAMPLES.split(' ')[0];
/** What serves the pages of `tests/cases`. */
export const CASES =
  process.env.CASES_SERVER ?? 'cargo run --quiet --locked -p livefloe-tests --bin cases';
export const languages = (process.env.LANGUAGES ?? 'rust,python')
  .split(',')
  .map((name) => ({ name, prefix: `/${name}` }));

/** A first start may have to build. */
const START_TIME_MS = 300_000;

/**
 * @param {number} [port] any free one by default
 * @param {Record<string, string>} [environment]
 * @param {string} [command]
 * @param {RegExp} [says] what it says about its address
 */
export async function startServer(
  port = 0,
  environment = {},
  command = EXAMPLES,
  says = /^listening on (http:\S+)/,
) {
  // `exec`: the signals below are for the server, not for a shell around it.
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: ROOT,
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  const said = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  const address = await new Promise((resolve, reject) => {
    const fail = (reason) => {
      clearTimeout(timer);
      reject(new Error(`${reason}: ${command}\n${said.join('\n')}`));
    };
    const timer = setTimeout(fail, START_TIME_MS, 'the server did not start in time');
    exit.then(([code, signal]) => fail(`the server ended with ${code ?? signal}`));
    createInterface(child.stdout).on('line', (line) => {
      const found = line.match(says)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found.replace(/\/$/, ''));
    });
  });
  return {
    address,
    port: Number(new URL(address).port),
    /** What it wrote to standard error. */
    said,
    /** @param {NodeJS.Signals} [signal] `SIGKILL` for a crash */
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exit;
    },
  };
}
