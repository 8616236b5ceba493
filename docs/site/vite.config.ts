/**
 * Builds the playground into the site, and what runs the examples of the other pages, beside what TypeDoc has written there.
 * Nothing is loaded from elsewhere.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'
import { digitsPlugin } from './digits/plugin.js'
import { modulesPlugin } from './examples/plugin.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const config: UserConfig = defineConfig({
  root: path('.'),
  // the site works under any path
  base: './',
  plugins: [digitsPlugin(), modulesPlugin()],
  resolve: {
    // The playground imports the package by its name, and gets its source.
    alias: [
      { find: /^gradpipe$/, replacement: path('../../src/index.ts') },
      { find: /^gradpipe\/export$/, replacement: path('../../src/export/index.ts') },
      { find: /^gradpipe\/fp-ts$/, replacement: path('../../src/fp-ts/index.ts') },
      { find: /^gradpipe\/objax$/, replacement: path('../../src/objax/index.ts') },
      { find: /^gradpipe\/laws$/, replacement: path('../../laws/index.ts') },
      // modules of the same names, which a bundler takes apart
      { find: /^fp-ts\/lib\//, replacement: 'fp-ts/es6/' },
      { find: /^gradpipe\/checkpoint$/, replacement: path('../../src/checkpoint/index.ts') },
      { find: /^gradpipe\/tfjs$/, replacement: path('../../src/tfjs/index.ts') },
    ],
  },
  build: {
    outDir: path('../_site/playground'),
    emptyOutDir: true,
    target: 'es2022',
    // as far back as `light-dark`
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rolldownOptions: {
      input: { playground: path('index.html'), examples: path('examples/index.ts') },
      output: {
        // functions print their names in some examples
        keepNames: true,
        // TypeDoc's pages know the script by its name
        entryFileNames: ({ name }) => (name === 'examples' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
    // fonts in style sheets would want a policy that allows `data:`
    assetsInlineLimit: 0,
    // KaTeX and TensorFlow.js have their size, which is in the report of the build
    chunkSizeWarningLimit: 2000,
  },
})

export default config
