/**
 * Which module may import which: the arrows of the architecture, checked by `npm run deps`.
 *
 *     tree ← rule ← compile ← schedule ← host ← matrix ← program ← declare ← transform ← block ← { arithmetic, projections } ← search
 *       ← { optimizer, wrapper, losses } ← minimize ← tfjs ← { objax, checkpoint, export, fp-ts }
 *
 * `fp`, `error`, `options` and `range` lie under everything, `random` (key → numbers) is pure, and so is `schedule`, whose
 * functions count → number are terms; TensorFlow.js is reached through few doors, so that a second tensor library can move in there.
 */

/** From the bottom to the top: a folder may import its own row and the rows above it in this table. */
const rows = [
  ['fp', 'error', 'options', 'range'],
  ['random'],
  ['tree'],
  ['rule'],
  ['compile'],
  ['schedule'],
  ['host'],
  ['matrix'],
  ['program'],
  ['declare'],
  ['transform'],
  ['block'],
  ['arithmetic', 'projections'],
  ['search'],
  ['optimizer', 'wrapper', 'losses'],
  ['minimize', 'describe'],
  ['tfjs'],
  ['objax', 'checkpoint', 'export', 'fp-ts'],
]

/** `src/name/…` or `src/name.ts`, for any of these names. */
const parts = (names) => `^src/(${names.join('|')})(/|\\.ts$)`

const downwards = rows.slice(0, -1).map((row, i) => ({
  name: `${row.join('-')}-imports-downwards`,
  comment: `${row.join(', ')} may import only: ${rows
    .slice(0, i + 1)
    .flat()
    .join(', ')}.`,
  severity: 'error',
  from: { path: parts(row) },
  to: { path: '^src/', pathNot: parts(rows.slice(0, i + 1).flat()) },
}))

/** What users reach: `gradpipe`, `gradpipe/objax`, `gradpipe/checkpoint`, `gradpipe/export`, `gradpipe/fp-ts`, `gradpipe/tfjs`, `gradpipe/laws`, and the namespaces in them. */
const entry = '/index\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...downwards,
    {
      name: 'optional-layers',
      comment:
        'The types of tfjs-layers are known to gradpipe/tfjs alone, and at run time nothing of it is loaded.',
      severity: 'error',
      from: { path: '^(src|laws)/' },
      to: { path: '@tensorflow/tfjs-layers', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'everything-has-its-row',
      comment: 'A new folder or file of src/ gets its row in the table above.',
      severity: 'error',
      from: { path: '^src/', pathNot: [parts(rows.flat()), '^src/index\\.ts$'] },
      to: {},
    },
    {
      name: 'tensorflow-through-few-doors',
      comment:
        'Only the host of tensors, one guarded file per backend, matrix/, projections/, losses/, objax/, tfjs/, one file of the laws and tests know TensorFlow.js.',
      severity: 'error',
      from: {
        path: '^(src|laws)/',
        pathNot: [
          '^src/host/tfjs/[a-z]+\\.ts$',
          '^src/host/tfjs/(cpu|wasm|webgl|webgpu)/backend\\.ts$',
          parts(['matrix', 'projections', 'losses', 'objax', 'tfjs']),
          '^laws/tensor\\.ts$',
        ],
      },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'optional-peers',
      comment: 'fast-check is there for gradpipe/laws alone.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'fast-check' },
    },
    {
      name: 'fp-ts-through-one-door',
      comment: 'gradpipe/fp-ts alone knows fp-ts: everything else compiles and runs without it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/fp-ts/' },
      to: { path: 'node_modules/fp-ts/' },
    },
    {
      name: 'laws-use-the-public-entries',
      comment: 'A law holds for what users can reach: the public entries, fp-ts and fast-check.',
      severity: 'error',
      from: { path: '^laws/' },
      to: { path: '^src/', pathNot: entry },
    },
    {
      name: 'source-imports-source',
      comment: 'Nothing that is published depends on laws, tests or documents.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(laws|test|docs)/' },
    },
    {
      name: 'published-imports-peers',
      comment: 'At run time there are the peers and nothing else.',
      severity: 'error',
      from: { path: '^(src|laws)/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
    {
      name: 'no-barrels',
      comment: 'Inside src a module is imported where it is written: only the public entries re-export.',
      severity: 'error',
      from: { path: '^(src|laws)/', pathNot: entry },
      to: { dependencyTypes: ['export'] },
    },
    {
      name: 'entries-are-for-users',
      comment: 'Only an entry imports another one; what is inside goes to the file itself.',
      severity: 'error',
      from: { path: '^src/', pathNot: entry },
      to: { path: entry, pathNot: 'node_modules' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no bottom to start reading at.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import leads to a file or an installed package, or to what the build of the page makes.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count: a declaration that names another module ships with the package.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^docs/_site/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
