// Builds the assets that the server embeds. `npm run build -- --check` writes nothing
// and fails when the committed files are not what the sources give.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

export const ASSETS = fileURLToPath(new URL('../framework/assets', import.meta.url));

/**
 * Properties of the core's own objects, which get short names. None may be a property of an object that the browser makes, or that
 * others see: those of events, and what the core and the other modules tell each other.
 */
const OWN_PROPERTIES =
  'ack applied broken children closed component connect kind layers leaf like lost nextSeq node parent patch ' +
  'payloadOf receive reconnect refuse refused retry root seen timer token unsettled';

/** Those that the core has and another module uses: each module would give them names of its own. */
const SHARED_PROPERTIES = { connect: 'E', reconnect: 'x' };

/** @returns {Promise<Map<string, Buffer>>} the content of each asset, by its name */
export async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: {
      livefloe: 'src/index.js',
      notice: 'src/notice.js',
      stream: 'src/stream.js',
      bare: 'src/bare.js',
      act: 'src/act.js',
      address: 'src/address.js',
      kept: 'src/kept.js',
      chat: 'src/chat.js',
      roving: 'src/roving.js',
      problems: 'src/problems.js',
      framed: 'src/framed.js',
      sketchpad: 'src/sketchpad.js',
      upload: 'src/upload.js',
    },
    outdir: ASSETS,
    bundle: true,
    minify: true,
    mangleProps: new RegExp(`^(${OWN_PROPERTIES.replaceAll(' ', '|')})$`),
    mangleCache: SHARED_PROPERTIES,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
  });
  return new Map(
    await Promise.all(
      outputFiles.map(async ({ path, text }) => {
        // A second pass by another tool: some 4 % of what travels.
        const { code } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } });
        return /** @type {const} */ ([basename(path), Buffer.from(`${code}\n`)]);
      }),
    ),
  );
}

/** @returns {Promise<string[]>} the names of the committed assets that are not up to date */
export async function staleAssets() {
  const stale = [];
  for (const [name, content] of await bundle()) {
    const committed = await readFile(join(ASSETS, name)).catch(() => null);
    if (!committed?.equals(content)) stale.push(name);
  }
  return stale;
}

async function write() {
  for (const [name, content] of await bundle()) {
    await writeFile(join(ASSETS, name), content);
    console.log(`${name}: ${content.length} bytes, ${gzipSync(content, { level: 9 }).length} gzip`);
  }
}

async function check() {
  const stale = await staleAssets();
  if (!stale.length) return;
  console.error(
    `stale: ${stale.join(', ')}. Run \`npm run build\` in client-js, commit the result.`,
  );
  process.exitCode = 1;
}

if (argv[1] === fileURLToPath(import.meta.url))
  await (argv.includes('--check') ? check() : write());
