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
  { code: `import { constantSchedule } from 'gradpipe'`, minified: 690, gzipped: 445 },
  { code: `import { sgd } from 'gradpipe'`, minified: 90_500, gzipped: 34_300 },
  { code: `import { adam } from 'gradpipe'`, minified: 90_900, gzipped: 34_500 },
  {
    code: `import { adamw, chain, clipByGlobalNorm } from 'gradpipe'`,
    minified: 93_600,
    gzipped: 35_500,
  },
  { code: `import { losses } from 'gradpipe'`, minified: 22_200, gzipped: 7_900 },
  { code: `import * as gradpipe from 'gradpipe'`, minified: 246_500, gzipped: 88_500 },
  { code: `import { nn } from 'gradpipe/objax'`, minified: 15_900, gzipped: 6_150 },
  { code: `import * as objax from 'gradpipe/objax'`, minified: 118_500, gzipped: 44_000 },
  { code: `import { decode, encode } from 'gradpipe/checkpoint'`, minified: 21_900, gzipped: 8_750 },
  { code: `import * as checkpoint from 'gradpipe/checkpoint'`, minified: 29_700, gzipped: 11_900 },
  { code: `import { toOptimizer } from 'gradpipe/tfjs'`, minified: 95_200, gzipped: 36_100 },
  { code: `import * as tfjs from 'gradpipe/tfjs'`, minified: 117_000, gzipped: 43_500 },
  { code: `import * as laws from 'gradpipe/laws'`, minified: 331_000, gzipped: 113_000 },
]

/** Where the bytes of `import { adam }` are, by folder, largest first: about so many, minified. */
export const folders: readonly (readonly [folder: string, what: string, bytes: number])[] = [
  ['src/interpret/webgpu', 'the compiler to WebGPU, a third of it shaders', 27_000],
  ['src/interpret/wasm', 'the compiler to WebAssembly: an assembler, loops, threads', 23_400],
  ['src/transform', 'transformations: layouts, checks of arguments, chains, steps', 15_200],
  ['src/interpret', 'numbers, operations of TensorFlow.js, and what chooses among the four', 9_400],
  ['src/rule', 'the language of rules', 7_000],
  ['src/tree', 'trees', 4_300],
  ['src', 'errors, options, ranges', 1_900],
  ['src/block', '`scaleByAdam`, `scaleByLearningRate`', 800],
  ['src/optimizer', '`adam`', 200],
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
