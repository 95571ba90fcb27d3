/** Follows stories in two frames, one that is patched and one that loads afresh, and makes those that fail smaller. */
import { difference } from './compare.mjs';

/** The names of operations, by their codes. */
const OPERATIONS =
  'up child text append set unset insert remove move replace component resync title refused navigate splice repeat'.split(
    ' ',
  );
const RESYNC = OPERATIONS.indexOf('resync');
const BATCH = 100;
/** Stories that are tried at most to make one smaller. */
const TRIES = 800;

/** A report of the first thing that goes wrong. */
class Finding extends Error {}

const [live, fresh] = await Promise.all(
  [...document.querySelectorAll('iframe')].map(async (frame) => {
    const { contentWindow } = frame;
    if (!contentWindow.tab) await new Promise((done) => frame.addEventListener('load', done));
    return contentWindow.tab;
  }),
);

/** @param {string} path @param {Uint8Array} [body] */
async function ask(path, body) {
  const response = await fetch(path, body && { method: 'POST', body });
  if (!response.ok) throw new Finding(`${path}: ${await response.text()}`);
  return response.json();
}

/**
 * Follows one story.
 *
 * @param {any} told
 * @param {Record<string, { pairs: number, failed: number, resynced: number, uses: number, torn: number }>} counts by kind of story: patches,
 *   how many of them the client reported, how many the server sent as a whole, how many came after somebody's use of the page, and
 *   how many stories ended with a page that tags had torn
 */
async function follow({ Ok: story, Err: failure }, counts) {
  if (failure) throw new Finding(failure);
  counts[story.kind] ??= { pairs: 0, failed: 0, resynced: 0, uses: 0, torn: 0 };
  const count = counts[story.kind];
  const used = new Set();
  let before = story.page;

  /** @param {number} at the page and steps count from 0 @param {number[]} failed */
  async function repaired(at, failed) {
    // A component that can't be repaired is given up for the page, and that once.
    for (let round = 0; failed.length; round++) {
      count.failed++;
      if (round > 1) throw new Finding(`still failed after resyncs: ${failed}`);
      const again = [];
      for (const component of failed) {
        const bytes = Uint8Array.from(story.bytes);
        const told = await ask(`/resync/${at}/${component}`, bytes);
        again.push(...live.apply(told.Ok));
      }
      failed = again;
    }
  }

  try {
    const broken = live.load(story.page);
    if (live.isTorn()) return void count.torn++;
    await repaired(0, broken);
    for (const [index, step] of story.steps.entries()) {
      const changed = step.used ? live.use(step.used) : [];
      for (const element of changed) used.add(element);
      const failed = live.apply(step.operations);
      const isWhole = live.decode(step.operations).some(([code]) => code === RESYNC);
      // A resync does not know what a person has opened, and leaves it.
      if (isWhole) for (const element of live.root().querySelectorAll('details')) used.add(element);
      // What renders the same is no pair.
      if (step.operations.length) {
        count.pairs++;
        count.uses += changed.length ? 1 : 0;
        count.resynced += isWhole && !step.is_asked ? 1 : 0;
      }
      await repaired(index + 1, failed);
      fresh.load(step.page);
      if (fresh.isTorn()) return void count.torn++;
      const different = difference(live, fresh, step.page, used);
      if (different) throw new Finding(different);
      before = step.page;
      live.complaints();
    }
  } catch (error) {
    throw new Finding(describe(story, before, error));
  }
}

/** @param {any} story @param {any} before @param {any} error */
function describe(story, before, error) {
  const step = story.steps[story.steps.findIndex(({ page }) => page === before) + 1];
  const operations = live
    .decode(step?.operations ?? [])
    .map(([code, ...fields]) => `  ${OPERATIONS[code]} ${JSON.stringify(fields)}`);
  return [
    error instanceof Finding ? error.message : error.stack,
    ...live.complaints().map((complaint) => `complained: ${complaint}`),
    `before: ${before.html}`,
    `  opaque ${before.opaque}`,
    ...(step?.used ? [`used: ${step.used}`] : []),
    'operations:',
    ...operations,
    `after: ${step?.page.html}`,
    `  opaque ${step?.page.opaque}`,
  ].join('\n');
}

/** What is wrong with the story of these bytes, or nothing. @param {Uint8Array} bytes */
async function wrongWith(bytes) {
  try {
    await follow(await ask('/story', bytes), {});
    return '';
  } catch (error) {
    return error.message;
  }
}

/** Fewer and smaller bytes that fail, too. @param {Uint8Array} bytes */
async function shrink(bytes) {
  let least = bytes;
  let wrong = await wrongWith(bytes);
  if (!wrong) return '';
  let tries = TRIES;
  const attempt = async (smaller) => {
    if (--tries < 0) return false;
    const message = await wrongWith(smaller);
    if (message) [least, wrong] = [smaller, message];
    return Boolean(message);
  };
  for (let isSmaller = true; isSmaller && tries > 0; ) {
    isSmaller = false;
    for (let size = least.length >> 1; size; size >>= 1) {
      for (let start = 0; start < least.length && tries > 0; ) {
        const rest = least.slice(start + size);
        const smaller = Uint8Array.from([...least.slice(0, start), ...rest]);
        if (await attempt(smaller)) isSmaller = true;
        else start += size;
      }
    }
    for (let at = 0; at < least.length && tries > 0; at++) {
      if (!least[at]) continue;
      if (await attempt(least.with(at, 0))) isSmaller = true;
    }
  }
  return `${wrong}\nbytes: ${[...least]}`;
}

/**
 * Follows stories until there were enough pairs, or one fails.
 *
 * @param {number} seed
 * @param {number} first
 * @param {number} pairs
 */
window.run = async (seed, first, pairs) => {
  const counts = {};
  const sum = () => Object.values(counts).reduce((total, { pairs }) => total + pairs, 0);
  let next = ask(`/stories/${seed}/${first}/${BATCH}`);
  let number = first;
  while (sum() < pairs) {
    const stories = await next;
    // While these are followed.
    next = ask(`/stories/${seed}/${number + BATCH}/${BATCH}`);
    for (const story of stories) {
      try {
        await follow(story, counts);
      } catch (error) {
        const least = story.Ok && (await shrink(Uint8Array.from(story.Ok.bytes)));
        const finding = least || `Not when it is told again, but at first:\n${error.message}`;
        return { counts, number, finding };
      }
      number++;
      if (sum() >= pairs) break;
    }
  }
  await next;
  return { counts, number, finding: '' };
};

/** One story alone. @param {number} seed @param {number} number */
window.again = async (seed, number) => {
  const [story] = await ask(`/stories/${seed}/${number}/1`);
  return story.Ok ? shrink(Uint8Array.from(story.Ok.bytes)) : story.Err;
};

document.documentElement.dataset.ready = '';
