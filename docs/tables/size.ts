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
  { code: `import { constantSchedule } from 'gradpipe'`, minified: 9_200, gzipped: 4_000 },
  { code: `import { sgd } from 'gradpipe'`, minified: 58_900, gzipped: 23_000 },
  { code: `import { adam } from 'gradpipe'`, minified: 59_100, gzipped: 23_100 },
  { code: `import { adam, step } from 'gradpipe'`, minified: 63_300, gzipped: 24_700 },
  { code: `import { adamw, chain, clipByGlobalNorm } from 'gradpipe'`, minified: 72_700, gzipped: 28_000 },
  { code: `import * as gradpipe from 'gradpipe'`, minified: 282_500, gzipped: 104_700 },
  { code: `import 'gradpipe/tfjs'`, minified: 207_800, gzipped: 78_900 },
  { code: `import { losses } from 'gradpipe/tfjs'`, minified: 228_700, gzipped: 85_900 },
  { code: `import { toOptimizer } from 'gradpipe/tfjs'`, minified: 251_800, gzipped: 95_300 },
  { code: `import * as tfjs from 'gradpipe/tfjs'`, minified: 440_300, gzipped: 162_500 },
  { code: `import { nn } from 'gradpipe/objax'`, minified: 222_300, gzipped: 84_200 },
  { code: `import * as objax from 'gradpipe/objax'`, minified: 261_100, gzipped: 98_100 },
  { code: `import { decode, encode } from 'gradpipe/checkpoint'`, minified: 21_100, gzipped: 8_200 },
  { code: `import * as checkpoint from 'gradpipe/checkpoint'`, minified: 29_400, gzipped: 11_400 },
  { code: `import { toOptax } from 'gradpipe/export'`, minified: 92_400, gzipped: 33_800 },
  { code: `import * as laws from 'gradpipe/laws'`, minified: 523_000, gzipped: 185_000 },
]

/** Where the bytes of `import { adam }` are, by folder, largest first: about so many, minified. */
export const folders: readonly (readonly [folder: string, what: string, bytes: number])[] = [
  [
    'src/host/numbers',
    'numbers and arrays: loops for few elements, a memory for the kernels of many',
    12_100,
  ],
  ['src/rule', 'the language of rules', 10_600],
  ['src/program', 'rules over trees: layouts, checks of leaves, what a step computes', 8_800],
  ['src/compile/wasm', 'the compiler to WebAssembly: an assembler, and loops', 6_500],
  ['src/tree', 'trees', 3_900],
  ['src/compile', 'what a rule is compiled to, for any target', 3_800],
  ['src/declare', 'rules and options as they are written', 3_300],
  ['src/host/kernels', 'a rule as kernels: which columns, in which order, and what they share', 3_100],
  ['src', 'errors, options, ranges', 2_700],
  ['src/transform', 'transformations: chains, masks, steps', 2_300],
  ['src/host', 'what runs a rule, and looks for whose leaves they are', 900],
  ['src/block', '`scaleByAdam`, `scaleByLearningRate`', 900],
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
    'since only one module does anything when it is loaded: the one that makes tensors leaves.',
    '',
    '| | minified | and gzip |',
    '|---|---|---|',
    ...budgets.map(
      ({ code, minified, gzipped }) => `| \`${code}\` | ${kilobytes(minified)} | ${kilobytes(gzipped)} |`,
    ),
    '',
    'The first optimizer costs what every rule needs, and each further one some hundreds of bytes. A rule is data: what',
    'runs it on numbers and typed arrays, with its compiler to WebAssembly, is in every bundle. What only some steps need',
    'comes with what makes them: sums and norms, rows and columns, arrays that are given up, members of a chain that are',
    'no rules, and for rules of your own their checks and the error function. What runs a rule on tensors',
    'comes with `gradpipe/tfjs`: the operations of TensorFlow.js, and kernels for its backends, WebGPU included, since it',
    'is known only when a step is taken which one is active. Of `import { adam }`, minified:',
    '',
    '| folder | what | kB |',
    '|---|---|---|',
    ...folders.map(([folder, what, bytes]) => `| \`${folder}\` | ${what} | ${kilobytes(bytes)} |`),
    '',
    'The rows of `gradpipe/objax` hold what runs on tensors, too; a page that uses several entries',
    'has it once. If the compilers were loaded only where they are needed, the first steps would be asynchronous, or other',
    'steps than the later ones. So they come along. Nothing of `gradpipe/laws` is meant for a page: it is for tests.',
    '',
    'The package has each of its files twice. Bundlers get one file per module, and these rows are of those. Node, and a',
    'page without a bundler, get prebuilt files, which load in a sixth of the time; but from them a bundler leaves out less',
    '(all of `tree` stays where one of its functions is used, and rules that are made when a module is loaded).',
    '',
    'Written by `npm run tables`.',
    '',
  ].join('\n')
