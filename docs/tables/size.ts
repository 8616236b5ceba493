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
  { code: `import { sgd } from 'gradpipe'`, minified: 43_400, gzipped: 16_500 },
  { code: `import { adam } from 'gradpipe'`, minified: 43_700, gzipped: 16_700 },
  {
    code: `import { adamw, chain, clipByGlobalNorm } from 'gradpipe'`,
    minified: 47_200,
    gzipped: 18_000,
  },
  { code: `import * as gradpipe from 'gradpipe'`, minified: 182_000, gzipped: 65_000 },
  { code: `import 'gradpipe/tfjs'`, minified: 109_300, gzipped: 41_700 },
  { code: `import { losses } from 'gradpipe/tfjs'`, minified: 130_800, gzipped: 48_900 },
  { code: `import { toOptimizer } from 'gradpipe/tfjs'`, minified: 141_300, gzipped: 53_300 },
  { code: `import * as tfjs from 'gradpipe/tfjs'`, minified: 185_700, gzipped: 68_500 },
  { code: `import { nn } from 'gradpipe/objax'`, minified: 124_000, gzipped: 47_000 },
  { code: `import * as objax from 'gradpipe/objax'`, minified: 166_000, gzipped: 61_500 },
  { code: `import { decode, encode } from 'gradpipe/checkpoint'`, minified: 127_300, gzipped: 48_400 },
  { code: `import * as checkpoint from 'gradpipe/checkpoint'`, minified: 135_400, gzipped: 51_500 },
  { code: `import * as laws from 'gradpipe/laws'`, minified: 385_600, gzipped: 132_900 },
]

/** Where the bytes of `import { adam }` are, by folder, largest first: about so many, minified. */
export const folders: readonly (readonly [folder: string, what: string, bytes: number])[] = [
  ['src/transform', 'transformations: layouts, checks of arguments, chains, steps', 16_200],
  ['src/rule', 'the language of rules', 8_900],
  ['src/tree', 'trees', 5_000],
  ['src/host', 'what runs a rule, and looks for whose leaves they are', 3_700],
  ['src/host/numbers', 'numbers and typed arrays', 2_900],
  ['src', 'errors, options, ranges', 2_800],
  ['src/compile', 'what a rule is compiled to, for any target', 1_600],
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
    'since no module of the package does anything when it is loaded, but that one which makes tensors leaves.',
    '',
    '| | minified | and gzip |',
    '|---|---|---|',
    ...budgets.map(
      ({ code, minified, gzipped }) => `| \`${code}\` | ${kilobytes(minified)} | ${kilobytes(gzipped)} |`,
    ),
    '',
    'The first optimizer costs what every rule needs, and each further one some hundreds of bytes. A rule is data; what',
    'runs it on numbers and typed arrays is in every bundle. What runs it on tensors comes with `gradpipe/tfjs`: the',
    'operations of TensorFlow.js, and compilers to WebAssembly and to WebGPU, since which backend is active is known only',
    'when a step is taken. Of `import { adam }`, minified:',
    '',
    '| folder | what | kB |',
    '|---|---|---|',
    ...folders.map(([folder, what, bytes]) => `| \`${folder}\` | ${what} | ${kilobytes(bytes)} |`),
    '',
    'The rows of `gradpipe/objax` and `gradpipe/checkpoint` hold the tensors, too: a page that uses several entries has them',
    'once. Loading the compilers only where they are needed would make the first steps asynchronous, or others than the later',
    'ones; so they come along. Nothing of `gradpipe/laws` is meant for a page: it is for tests.',
    '',
    'Written by `npm run tables`.',
    '',
  ].join('\n')
