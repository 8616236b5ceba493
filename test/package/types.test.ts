/** A plain user project, outside of the repository: it compiles under the strictest settings, trains, and goes on. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { pack, project, runNode, temporary } from './pack.js'
import { program } from './site.js'

const root = join(import.meta.dirname, '../..')
const folder = temporary()
let user = ''

beforeAll(async () => {
  const peers = ['fp-ts', 'fast-check', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']
  const backends = ['cpu', 'wasm', 'webgpu'].map((name) => `@tensorflow/tfjs-backend-${name}`)
  user = project(folder, await pack(inject('onceFolder')), [...peers, ...backends, '@types/node'])
  program(user)
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Compilation {
  /** Files with errors: `package/path` of a package, the path in the project otherwise. */
  readonly files: readonly string[]
  readonly text: string
}

/** Compiles the user's project with `tsc`; the JavaScript is in out/. */
function compile(options: Readonly<Record<string, string | boolean>>): Compilation {
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: false,
    verbatimModuleSyntax: true,
    rootDir: '.',
    outDir: 'out',
    ...options,
  }
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], {
    cwd: user,
    encoding: 'utf8',
  })
  const files = [...stdout.matchAll(/^(\S[^(\n]*)(?:\(\d+,\d+\))?: error /gm)].map(([, path = '']) =>
    path.replace(/^.*node_modules\//, ''),
  )
  return { files: [...new Set(files)].sort(), text: stdout }
}

const resolutions = [
  ['Node', { module: 'NodeNext', moduleResolution: 'NodeNext' }],
  ['a bundler', { module: 'ESNext', moduleResolution: 'Bundler' }],
] as const

// TensorFlow.js 4.22 uses names that it does not bring (`Long`, `EmscriptenModule`), says of LayersModel that it
// implements an interface that it does not, and refers to types of WebGPU that the DOM's of TypeScript 6 contradict.
const theirs = [
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.d.ts',
  '@tensorflow/tfjs-core/dist/hash_util.d.ts',
  '@tensorflow/tfjs-layers/dist/engine/training.d.ts',
  '@tensorflow/tfjs-layers/dist/keras_format/types.d.ts',
  '@webgpu/types/dist/index.d.ts',
  'typescript/lib/lib.dom.d.ts',
]

test.each(resolutions)(
  'as %s resolves modules, the project compiles but for declarations of TensorFlow.js and of WebGPU',
  {
    timeout: 120_000,
  },
  (_, resolution) => {
    // that is what skipLibCheck is silent about: with it, nothing is left
    expect(compile({ ...resolution, skipLibCheck: false }).files).toEqual(theirs)
  },
)

test('it trains a LayersModel, and a second process goes on from what was saved to the same bits', {
  timeout: 120_000,
}, () => {
  // its types have their tests above
  expect(compile({ ...resolutions[0][1], skipLibCheck: true, noCheck: true }).text).toBe('')
  const cwd = join(user, 'out')
  mkdirSync(cwd, { recursive: true })
  const told = (name: string): unknown =>
    JSON.parse(
      runNode(user, `${name}.mjs`, `process.chdir('out'); await import('./out/${name}.js')`)
        .split('\n')
        .at(-1) ?? '',
    )
  const first = told('save')
  expect(first).toMatchObject({ isFused: true, fallbacks: [], loss: expect.any(Number) })
  expect(told('load')).toEqual(first)
  // the optimizer's moments are what makes the difference
  const begun = told('begin')
  expect(begun).toMatchObject({ isFused: true })
  expect(begun).not.toEqual(first)
})
