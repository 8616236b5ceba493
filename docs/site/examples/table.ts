/** What an example may import: the name that it says, and the file that the build makes of it. */

/** Modules of fp-ts that programs with gradpipe use. */
const fpTs = [
  'Array',
  'Either',
  'function',
  'IO',
  'Monoid',
  'number',
  'Option',
  'ReadonlyArray',
  'ReadonlyRecord',
  'Reader',
  'Semigroup',
  'State',
  'string',
  'Task',
  'TaskEither',
]

/** By the name in an example: what the build takes for it, seen from this folder where it begins with a dot. */
export const modules: Readonly<Record<string, string>> = {
  gradpipe: 'gradpipe',
  'gradpipe/objax': './modules/gradpipeObjax.ts',
  'gradpipe/checkpoint': 'gradpipe/checkpoint',
  'gradpipe/export': 'gradpipe/export',
  'gradpipe/fp-ts': 'gradpipe/fp-ts',
  'gradpipe/tfjs': './modules/gradpipeTfjs.ts',
  'gradpipe/laws': './modules/gradpipeLaws.ts',
  '@tensorflow/tfjs': './modules/tfjs.ts',
  '@tensorflow/tfjs-core': './modules/tfjsCore.ts',
  '@tensorflow/tfjs-layers': '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-cpu': './modules/backendCpu.ts',
  '@tensorflow/tfjs-backend-wasm': './modules/backendWasm.ts',
  'fast-check': 'fast-check',
  ...Object.fromEntries(fpTs.map((name) => [`fp-ts/lib/${name}.js`, `fp-ts/es6/${name}.js`])),
}
