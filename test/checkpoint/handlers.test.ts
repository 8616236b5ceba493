import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, expect, test } from 'vitest'
import { encode, load, save } from '../../src/checkpoint/index.js'
import { useBackend } from '../backends.js'

const state = { step: 3, w: Float32Array.of(1, 2) }
const bytes = encode(state)

beforeAll(() => useBackend('cpu'))

/** A handler that keeps what it is given in memory. */
const memory = (): tf.io.IOHandler & { kept: tf.io.ModelArtifacts | undefined } => {
  const handler: tf.io.IOHandler & { kept: tf.io.ModelArtifacts | undefined } = {
    kept: undefined,
    save: async (artifacts) => {
      handler.kept = artifacts
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) }
    },
    load: async () => {
      if (handler.kept === undefined) throw new Error('nothing was kept')
      return handler.kept
    },
  }
  return handler
}

test('a handler gets the safetensors file as the weights of a model without layers', async () => {
  const handler = memory()
  const saved = await save(handler, state)()
  expect(E.isRight(saved) && saved.right.modelArtifactsInfo.weightDataBytes).toBe(bytes.length)
  expect(handler.kept).toMatchObject({ modelTopology: {}, weightSpecs: [], format: 'safetensors' })
  expect(handler.kept?.weightData).toEqual(bytes.buffer)
  expect(await load(handler, state)()).toEqual(E.right(state))
})

test('what a handler throws is a Left with its cause', async () => {
  const error = new Error('the moon is full')
  const broken: tf.io.IOHandler = {
    save: () => Promise.reject(error),
    load: () => {
      throw error
    },
  }
  const expected = {
    left: { _tag: 'Failed', place: 'an IOHandler', message: 'an IOHandler: the moon is full', cause: error },
  }
  expect(await save(broken, state)()).toMatchObject(expected)
  expect(await load(broken)()).toMatchObject(expected)
  expect(await load(memory())()).toMatchObject({ left: { _tag: 'Failed' } })
})

test('bytes may come back in pieces, as views, and as a stream', async () => {
  const plain = bytes.buffer
  const pieces = [plain.slice(0, 7), plain.slice(7, 7), plain.slice(7, 40), plain.slice(40)]
  const views = pieces.map((piece) => new Uint8Array(piece))
  // the memory of which a view shows a part, as a Buffer of Node does
  const wide = new Uint8Array(bytes.length + 10)
  wide.set(bytes, 5)
  // a handler of plain JavaScript gives what it likes
  const given: readonly tf.io.ModelArtifacts[] = [
    { weightData: pieces },
    Object.fromEntries([['weightData', views]]),
    Object.fromEntries([['weightData', wide.subarray(5, -5)]]),
    {
      getWeightStream: () =>
        new ReadableStream({
          start: (controller) => {
            for (const piece of pieces) controller.enqueue(piece)
            controller.close()
          },
        }),
    },
  ]
  for (const artifacts of given)
    expect(await load({ load: async () => artifacts }, state)()).toEqual(E.right(state))
})

test('a part of larger memory is handed on as that part alone', async () => {
  const handler = memory()
  const wide = Float32Array.of(9, 1, 2, 9)
  await save(handler, { w: wide.subarray(1, 3) })()
  expect(await load(handler)()).toEqual(E.right({ w: Float32Array.of(1, 2) }))
})

test('a model without weights, or with others, is told as decode tells it', async () => {
  expect(await load(tf.io.fromMemory({ modelTopology: {} }))()).toMatchObject({ left: { _tag: 'Truncated' } })
  const weights = await tf.io.encodeWeights([{ name: 'w', tensor: tf.ones([40]) }])
  const other = tf.io.fromMemory({ modelTopology: {}, weightSpecs: weights.specs, weightData: weights.data })
  expect(await load(other)()).toMatchObject({ left: { _tag: 'NotSafetensors' } })
})

test('a scheme that is registered with TensorFlow.js is a place; one that two claim is not', async () => {
  const handler = memory()
  type Router = Parameters<typeof tf.io.registerSaveRouter>[0]
  // TensorFlow.js's own routers return null too; its types are from before strict null checks
  const notMine = null as never
  const route: Router = (url) => (String(url).startsWith('memory://') ? handler : notMine)
  const refusing: Router = (url) => {
    if (String(url).startsWith('never://')) throw new Error('not on Sundays')
    return notMine
  }
  for (const register of [tf.io.registerSaveRouter, tf.io.registerLoadRouter]) {
    register(route)
    register(refusing)
  }
  await save('memory://a', state)()
  expect(await load('memory://a')()).toEqual(E.right(state))
  expect(await save('never://a', state)()).toMatchObject({
    left: { _tag: 'Unsupported', message: 'never://a: not on Sundays' },
  })
  tf.io.registerLoadRouter(route)
  expect(await load('memory://a')()).toMatchObject({
    left: { _tag: 'Unsupported', message: 'memory://a: 2 handlers are registered for it' },
  })
})
