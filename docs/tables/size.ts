/**
 * What the package costs in a bundle: a budget for each entry, and where the bytes of one optimizer go. The test of
 * sizes bundles each row, prints what it takes, and holds it against this table.
 */

/** A row of the table of budgets: in bytes of 1000 to the kB, without the peers. */
interface Budget {
  /** What a user writes. */
  readonly code: string
  /** The most that it takes, minified. */
  readonly minified: number
  /** The most that it takes, minified and compressed by gzip. */
  readonly gzipped: number
}

/** The budgets: some hundredths above what was measured, so that a change that costs more is seen. */
export const budgets: readonly Budget[] = [
  { code: `import { constantSchedule } from 'gradpipe'`, minified: 1_000, gzipped: 590 },
  { code: `import { sgd } from 'gradpipe'`, minified: 107_500, gzipped: 41_000 },
  { code: `import { adam } from 'gradpipe'`, minified: 107_800, gzipped: 41_200 },
  {
    code: `import { adamw, chain, clipByGlobalNorm } from 'gradpipe'`,
    minified: 111_200,
    gzipped: 42_400,
  },
  { code: `import { losses } from 'gradpipe'`, minified: 23_300, gzipped: 8_450 },
  { code: `import * as gradpipe from 'gradpipe'`, minified: 291_500, gzipped: 105_800 },
  { code: `import { nn } from 'gradpipe/objax'`, minified: 16_600, gzipped: 6_700 },
  { code: `import * as objax from 'gradpipe/objax'`, minified: 160_500, gzipped: 59_600 },
  { code: `import { decode, encode } from 'gradpipe/checkpoint'`, minified: 24_900, gzipped: 10_300 },
  { code: `import * as checkpoint from 'gradpipe/checkpoint'`, minified: 32_900, gzipped: 13_400 },
  { code: `import { toOptimizer } from 'gradpipe/tfjs'`, minified: 135_500, gzipped: 51_100 },
  { code: `import * as tfjs from 'gradpipe/tfjs'`, minified: 159_500, gzipped: 59_600 },
  { code: `import * as laws from 'gradpipe/laws'`, minified: 379_000, gzipped: 131_000 },
]

/** Where the bytes of `import { adam }` are, by folder, largest first: about so many, minified. */
export const folders: readonly (readonly [folder: string, what: string, bytes: number])[] = [
  ['src/interpret/webgpu', 'the compiler to WebGPU, a third of it shaders', 33_600],
  ['src/interpret/wasm', 'the compiler to WebAssembly: an assembler, loops, threads', 25_400],
  ['src/transform', 'transformations: layouts, checks of arguments, chains, steps', 16_200],
  ['src/interpret', 'numbers, operations of TensorFlow.js, and what chooses among the four', 13_500],
  ['src/rule', 'the language of rules', 9_100],
  ['src/tree', 'trees', 5_000],
  ['src', 'errors, options, ranges', 2_800],
  ['src/block', '`scaleByAdam`, `scaleByLearningRate`', 800],
  ['src/random', 'the error function, which rules share with random numbers', 800],
  ['src/optimizer', '`adam`', 100],
]

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

/** The page. */
export const sizePage = (): string =>
  [
    '---',
    'title: Size',
    '---',
    '',
    '# Size',
    '',
    'What an import costs in a bundle at most, in kB (1000 bytes), without the peers: TensorFlow.js, fp-ts and fast-check.',
    'A test bundles each row with esbuild; `import { adam }` brings no other optimizer, by Vite (Rolldown) as by esbuild,',
    'since no module of the package does anything when it is loaded.',
    '',
    '| | minified | and gzip |',
    '|---|---|---|',
    ...budgets.map(
      ({ code, minified, gzipped }) => `| \`${code}\` | ${kilobytes(minified)} | ${kilobytes(gzipped)} |`,
    ),
    '',
    'The first optimizer costs what makes it fast, and each further one some hundreds of bytes. A rule is data, and which',
    'backend is active is known only when a step is taken: so every bundle holds four interpreters of rules (numbers,',
    'operations of TensorFlow.js, and compilers to WebAssembly and to WebGPU). Of `import { adam }`, minified:',
    '',
    '| folder | what | kB |',
    '|---|---|---|',
    ...folders.map(([folder, what, bytes]) => `| \`${folder}\` | ${what} | ${kilobytes(bytes)} |`),
    '',
    'Loading the compilers only where they are needed would make the first steps asynchronous, or others than the later',
    'ones; so they come along. Nothing of `gradpipe/laws` is meant for a page: it is for tests.',
    '',
    'Written by `npm run tables`.',
    '',
  ].join('\n')
