import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { examplesPlugin } from './test/examples/plugin.js'
import LongestFirst from './test/longestFirst.js'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Whether the command line asks for an order: `--sequence.shuffle.files`. */
const isOrdered = process.argv.some((word) => word.startsWith('--sequence'))

const config: ViteUserConfig = defineConfig({
  plugins: [examplesPlugin()],
  resolve: {
    // Tests and examples import the package by its name, and get its source: `paths` of tsconfig.json.
    alias: [
      { find: /^gradpipe$/, replacement: source('src/index.ts') },
      { find: /^gradpipe\/objax$/, replacement: source('src/objax/index.ts') },
      { find: /^gradpipe\/checkpoint$/, replacement: source('src/checkpoint/index.ts') },
      { find: /^gradpipe\/export$/, replacement: source('src/export/index.ts') },
      { find: /^gradpipe\/fp-ts$/, replacement: source('src/fp-ts/index.ts') },
      { find: /^gradpipe\/tfjs$/, replacement: source('src/tfjs/index.ts') },
      { find: /^gradpipe\/laws$/, replacement: source('laws/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: {
      enabled: true,
      checker: source('.ci/typeTests.mjs'),
      include: ['test/**/*.test-d.ts'],
      tsconfig: 'test/tsconfig.types.json',
    },
    pool: 'forks',
    // A process per core, and not one per file: loading TensorFlow.js and the sources takes longer than most files do.
    // A test puts back what it changes for the whole process, but for what test/afresh.ts sets before each file.
    isolate: false,
    maxWorkers: '100%',
    sequence: isOrdered ? {} : { sequencer: LongestFirst },
    // a spy and a global of one test are not there in the next
    restoreMocks: true,
    unstubGlobals: true,
    // trees and terms are short-lived: room for them saves a tenth of the time
    execArgv: ['--max-semi-space-size=64'],
    reporters: ['default', './test/slowest.ts'],
    // the first does what importing anything of gradpipe/tfjs does, since most tests have tensors
    setupFiles: ['src/tfjs/tensors.ts', 'test/afresh.ts'],
    globalSetup: ['test/webgpu/swiftshader.ts', 'test/setup.ts'],
    // A test takes a few seconds at most where nothing else runs; the cores may be busy with something else.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // TensorFlow.js greets once in every process.
    onConsoleLog: (log) => !log.includes('Hi, looks like you are running TensorFlow.js'),
  },
})

export default config
