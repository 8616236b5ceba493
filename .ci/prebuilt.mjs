/**
 * Joins the modules of dist/ into one file per entry, and files that entries share: Node reads a dozen files instead of
 * four hundred, and a page without a bundler does too.
 *
 * Bundlers still get the modules, which they cut finer.
 */
import { defineConfig } from 'rolldown'

export default defineConfig({
  input: {
    index: 'dist/src/index.js',
    tfjs: 'dist/src/tfjs/index.js',
    objax: 'dist/src/objax/index.js',
    checkpoint: 'dist/src/checkpoint/index.js',
    export: 'dist/src/export/index.js',
    'fp-ts': 'dist/src/fp-ts/index.js',
    laws: 'dist/laws/index.js',
  },
  // whatever is not a file of ours is a peer
  external: /^[^./]/,
  output: {
    dir: 'dist/prebuilt',
    format: 'esm',
    chunkFileNames: 'shared/[name].js',
    // the modules have the comments
    comments: { annotation: true, legal: true, jsdoc: false },
  },
})
