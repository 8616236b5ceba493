/** A project with gradpipe and nothing else: no TensorFlow.js, no fp-ts. It fits, trains arrays, saves and goes on. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { encode } from 'gradpipe/checkpoint'
import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { compile } from './compile.js'
import { pack, project, runNode, temporary } from './pack.js'

const folder = temporary()
let user = ''

beforeAll(async () => {
  user = project(folder, await pack(inject('onceFolder')), [])
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

test('it minimizes', () => {
  const source = `import { minimize } from 'gradpipe'
    const { x, success } = minimize(([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2, [-1.2, 1])
    console.log(success, x.map((xi) => xi.toFixed(3)).join(' '))`
  expect(runNode(user, 'fit.mjs', source)).toBe('true 1.000 1.000')
})

test('it saves arrays and numbers in a plain file, and goes on', () => {
  const source = `import { adam, step } from 'gradpipe'
    import { loadOr, save } from 'gradpipe/checkpoint'
    const tx = adam(0.25)
    const params = { w: Float32Array.of(1, 2), b: 3 }
    const counts = []
    for (let i = 0; i < 3; i++) {
      const { right: run } = await loadOr('run.safetensors', { params, state: tx.init(params) })()
      const [next, state] = step(tx)(run.params, run.state, run.params)
      counts.push(state[0].count)
      await save('run.safetensors', { params: next, state })()
    }
    console.log(counts.join(' '))`
  expect(runNode(user, 'run.mjs', source)).toBe('1 2 3')
})

test('it puts a file on a server, and gets it', () => {
  const source = `import { createServer } from 'node:http'
    import { load, save } from 'gradpipe/checkpoint'
    let kept
    const server = createServer(async (request, response) => {
      if (request.method === 'PUT') kept = Buffer.concat(await request.toArray())
      response.end(request.method === 'PUT' ? '' : kept)
    })
    await new Promise((resolve) => server.listen(0, resolve))
    const place = 'http://localhost:' + server.address().port + '/run.safetensors'
    const saved = await save(place, { w: Float64Array.of(1, 2) })()
    const loaded = await load(place)()
    server.close()
    console.log(saved._tag, saved.right.modelArtifactsInfo.weightDataBytes === kept.length, JSON.stringify(loaded.right))`
  expect(runNode(user, 'server.mjs', source)).toBe('Right true {"w":{"0":1,"1":2}}')
})

test('it reads the files of others as arrays', () => {
  const header = JSON.stringify({
    w: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
    yes: { dtype: 'BOOL', shape: [2], data_offsets: [8, 10] },
    half: { dtype: 'F16', shape: [1], data_offsets: [10, 12] },
  })
  const bytes = Buffer.alloc(8 + header.length + 12)
  bytes.writeUInt32LE(header.length, 0)
  bytes.write(header, 8)
  bytes.writeFloatLE(0.5, 8 + header.length)
  bytes.writeFloatLE(-2, 12 + header.length)
  bytes.set([1, 0, 0x00, 0x3c], 16 + header.length)
  writeFileSync(join(user, 'theirs.safetensors'), bytes)
  const source = `import { load } from 'gradpipe/checkpoint'
    const { right } = await load('theirs.safetensors')()
    console.log(Object.entries(right).map(([name, array]) => name + ': ' + array.constructor.name + ' ' + array).join(', '))`
  expect(runNode(user, 'theirs.mjs', source)).toBe(
    'w: Float32Array 0.5,-2, yes: Uint8Array 1,0, half: Float32Array 1',
  )
})

test('it says what tensors, and places of TensorFlow.js, need', () => {
  const tensor = tf.ones([2])
  writeFileSync(join(user, 'tensors.safetensors'), encode({ layer: { w: tensor } }))
  tensor.dispose()
  const source = `import { decode, encode, load, save } from 'gradpipe/checkpoint'
    import { readFileSync } from 'node:fs'
    class Tensor { shape = [2]; dtype = 'float32'; isDisposed = false }
    const told = async (run) => {
      try {
        const result = await run()
        return result.left._tag + ' ' + result.left.message
      } catch (error) {
        return error._tag + ' ' + error.message
      }
    }
    console.log(JSON.stringify([
      await told(() => encode({ w: new Tensor() })),
      await told(() => decode(readFileSync('tensors.safetensors'))),
      await told(load('tensors.safetensors')),
      await told(load('tensors.safetensors', { layer: { w: new Tensor() } })),
      await told(save('indexeddb://run', { w: 1 })),
      await told(load('name://run')),
      await told(save('http://localhost:1/run', { w: 1 })),
    ]))`
  const leaf = `expected a number, a Float64Array, a Float32Array or an ndarray; tensors are leaves after import 'gradpipe/tfjs', given a tensor`
  const needs = `TensorFlow.js saves and loads there: import 'gradpipe/tfjs'`
  expect(JSON.parse(runNode(user, 'told.mjs', source))).toEqual([
    `InvalidLeaf tree.w: ${leaf}`,
    `InvalidLeaf layer.w: ${leaf}`,
    `InvalidLeaf layer.w: ${leaf}`,
    `InvalidLeaf like.layer.w: ${leaf}`,
    `Unsupported indexeddb://run: ${needs}`,
    `Unsupported name://run: ${needs}`,
    `Unsupported http://localhost:1/run: ${needs}`,
  ])
})

const program = `import {
  adam, andThen, type Either, type GradientTransformation, minimize, MonoidChain, type Monoid, step, tree, updateState,
} from 'gradpipe'
import { type LoadError, load, loadOr, save, type SaveError } from 'gradpipe/checkpoint'

const tx = andThen(adam(0.1))(MonoidChain.empty)
const monoid: Monoid<GradientTransformation> = MonoidChain
const params = { w: Float32Array.of(1, 2), b: 3 }
const [next, state] = step(tx)(params, tx.init(params), params)
const b: number = next.b
const zipped = tree.zip({ a: 1 }, { a: 'x' })
const sum: number = zipped._tag === 'Right' ? 1 : zipped.left.message.length
const [updates] = updateState(adam(0.1))(params)(adam(0.1).init(params))
const x: readonly [number, number] = minimize(([x, y]) => x * x + y * y, [1, 2]).x
const saved: Promise<Either<SaveError, unknown>> = save('run', { next, state })()
const loaded: Promise<Either<LoadError, typeof params>> = loadOr('run', params)()
const anything: Promise<Either<LoadError, unknown>> = load('run')()
export default [monoid, b, sum, updates, x, saved, loaded, anything]
`

test('it compiles, declarations too', { timeout: 120_000 }, () => {
  const own = join(user, 'types')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'main.mts'), program)
  const { text } = compile(own, ['main.mts'], {
    module: 'NodeNext',
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  })
  expect(text).toBe('')
})
