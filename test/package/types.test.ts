/** A plain user project, outside of the repository: it compiles under the strictest settings, trains, and goes on. */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { isThorough } from '../laws/runs.js'
import { type Compilation, compile } from './compile.js'
import { pack, project, runNode, temporary, withoutTypes } from './pack.js'
import { program } from './site.js'
import type { Outcome } from './user/trial.js'

const folder = temporary()
let tarball = ''
let user = ''

beforeAll(async () => {
  tarball = await pack(inject('onceFolder'))
  const peers = ['fp-ts', 'fast-check', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']
  const backends = ['cpu', 'wasm', 'webgpu'].map((name) => `@tensorflow/tfjs-backend-${name}`)
  user = project(folder, tarball, [...peers, ...backends, '@types/node'])
  program(user)
  asModules(user)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

/** The project's files are ES modules. */
const asModules = (home: string): void =>
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')

/** Compiles a user's project. */
const compiled = (
  options: Readonly<Record<string, string | boolean | readonly string[]>>,
  home: string = user,
): Compilation =>
  compile(home, ['*.ts'], {
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: false,
    verbatimModuleSyntax: true,
    noEmit: true,
    ...options,
  })

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
  (name, resolution) => {
    // without `CI` the user's files are checked, and ours in Node's way, and not theirs
    const skipLibCheck = !isThorough && name !== 'Node'
    expect(compiled({ ...resolution, skipLibCheck }).files).toEqual(isThorough ? theirs : [])
  },
)

describe('a project without TensorFlow.js', () => {
  let bare = ''

  beforeAll(() => {
    // declarations of gradpipe name fp-ts; nothing of it is loaded
    bare = project(folder, tarball, [])
    cpSync(join(import.meta.dirname, 'arrays'), bare, { recursive: true })
    asModules(bare)
  }, 60_000)

  test.each(resolutions)('compiles whole, as %s resolves modules', { timeout: 120_000 }, (_, resolution) => {
    expect(compiled({ ...resolution, types: [], skipLibCheck: false }, bare).text).toBe('')
  })

  test('fits with Adam and L-BFGS, and is told how tensors become leaves', () => {
    const told: { line: number[]; lowest: number[]; refused: string } = JSON.parse(
      runNode(project(folder, tarball, []), 'fit.mjs', withoutTypes(read('arrays/fit.ts'))),
    )
    // Adam with a rate of 0.1 comes to within some thousandths of the line, L-BFGS to where the gradient ends
    expect(told.line.map((x) => x.toFixed(2))).toEqual(['2.00', '1.00'])
    for (const x of told.lowest) expect(x).toBeCloseTo(1, 6)
    expect(told.refused).toBe(
      "params.w: expected a number, a Float64Array, a Float32Array or an ndarray; tensors are leaves after import 'gradpipe/tfjs', given a tensor",
    )
  })
})

test.each(['cpu', 'wasm'])('in Node, it steps on %s', (backend) => {
  const source = `
    import '@tensorflow/tfjs-backend-cpu'
    import '@tensorflow/tfjs-backend-wasm'
    ${withoutTypes(read('user/trial.ts'))}
    console.log(JSON.stringify(await trial('${backend}')))`
  const outcome: Outcome = JSON.parse(runNode(user, `${backend}.mjs`, source).split('\n').at(-1) ?? '')
  expect(outcome).toMatchObject({ backend, fallbacks: [], left: 0 })
  expect(outcome.bits).toHaveLength(42)
})

test('it trains a LayersModel, and a second process goes on from what was saved to the same bits', {
  timeout: 120_000,
}, () => {
  const cwd = join(user, 'out')
  mkdirSync(cwd, { recursive: true })
  // its types have their tests above
  for (const name of readdirSync(user).filter((each) => each.endsWith('.ts')))
    writeFileSync(join(cwd, name.replace(/ts$/, 'js')), withoutTypes(readFileSync(join(user, name), 'utf8')))
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
