// How is the page built? Names with digests, smaller copies beside the files, and nothing inline.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../../dist/apps/dashboard/page', import.meta.url));

/** The gateway sends what is smaller; compressing is for whoever builds, once. */
const compressed = {
  name: 'compressed',
  async writeBundle({ dir }) {
    const names = await readdir(dir, { recursive: true });
    for (const name of names.filter((one) => /\.(html|js|css|svg)$/.test(one))) {
      const content = await readFile(`${dir}/${name}`);
      await writeFile(`${dir}/${name}.br`, brotliCompressSync(content));
      await writeFile(`${dir}/${name}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

export default {
  root,
  base: '/app/',
  logLevel: 'warn',
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: [{ find: '#contracts', replacement: fileURLToPath(new URL('../../libs/contracts/src/index.ts', import.meta.url)) }] },
  build: {
    outDir: target,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Of the contracts the page uses a few functions; what only other programs run stays away.
    rolldownOptions: { checks: { pluginTimings: false }, treeshake: { moduleSideEffects: (id) => !/libs\/contracts|node_modules\/ajv/.test(id) } },
  },
  server: { proxy: { '/api': process.env.POLYAXON_URL ?? 'http://127.0.0.1:8000' } },
};
