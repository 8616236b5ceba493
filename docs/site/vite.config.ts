/** Builds the playground into the site, beside what TypeDoc has written there. Nothing is loaded from elsewhere. */
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'
import { digitsPlugin } from './digits/plugin.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const config: UserConfig = defineConfig({
  root: path('.'),
  // the site works under any path
  base: './',
  plugins: [digitsPlugin()],
  resolve: {
    // The playground imports the package by its name, and gets its source.
    alias: [
      { find: /^gradpipe$/, replacement: path('../../src/index.ts') },
      { find: /^gradpipe\/fp-ts$/, replacement: path('../../src/fp-ts/index.ts') },
      { find: /^gradpipe\/checkpoint$/, replacement: path('../../src/checkpoint/index.ts') },
      { find: /^gradpipe\/tfjs$/, replacement: path('../../src/tfjs/index.ts') },
    ],
  },
  build: {
    outDir: path('../_site/playground'),
    emptyOutDir: true,
    target: 'es2022',
    // fonts in style sheets would want a policy that allows `data:`
    assetsInlineLimit: 0,
    // KaTeX and TensorFlow.js have their size, which is in the report of the build
    chunkSizeWarningLimit: 2000,
  },
})

export default config
