/** Steps on WebGL that are given their inputs, in a page: what becomes of memory, and of numbers that were read. */
import * as tf from '@tensorflow/tfjs-core'
import { dispose, type GradientTransformation, type Params, sgd, step } from '../../src/index.js'
import { column, g0, keeping, p0, resident, swapping, transformations } from '../webgpu/donated.js'
import { numbersOf } from '../webgpu/read.js'
import { textures, useWebgl, webgl } from './backend.js'

type Numbers = readonly (readonly number[])[]

/** What a hundred donated steps add, and how far the first is from a borrowing one. */
export interface Grown {
  readonly name: string
  readonly differs: boolean
  readonly finite: boolean
  readonly tensors: number
  readonly bytes: number
  readonly bytesOnDevice: number
  readonly textures: number
}

const bytesOnDevice = (): number => {
  const { numBytesInGPUAllocated } = webgl().memory() as { readonly numBytesInGPUAllocated?: number }
  return numBytesInGPUAllocated ?? Number.NaN
}

const grownBy = async (name: string, tx: GradientTransformation): Promise<Grown> => {
  const inPlace = step(tx, { donate: true })
  const [p, g] = [
    { w: column(p0), b: resident([1, 2]) },
    { w: column(g0), b: resident([3, 4]) },
  ]
  const first = tx.init(p)
  const [expected, state] = step(tx)(p, first, g)
  let [params, current] = inPlace({ w: tf.clone(p.w), b: tf.clone(p.b) }, first, {
    w: tf.clone(g.w),
    b: tf.clone(g.b),
  })
  const differs =
    JSON.stringify(await numbersOf([params, current])) !== JSON.stringify(await numbersOf([expected, state]))
  const gradient = () => ({ w: tf.mul(params.w, 0.5), b: tf.mul(params.b, 0.5) })
  for (let i = 0; i < 3; i++) [params, current] = inPlace(params, current, gradient())
  const { numTensors, numBytes } = tf.memory()
  const [before, onDevice] = [textures(), bytesOnDevice()]
  for (let i = 0; i < 100; i++) [params, current] = inPlace(params, current, gradient())
  const grown = {
    name,
    differs,
    tensors: tf.memory().numTensors - numTensors,
    bytes: tf.memory().numBytes - numBytes,
    bytesOnDevice: bytesOnDevice() - onDevice,
    textures: textures() - before,
  }
  const finite = (await numbersOf(params)).flat().every(Number.isFinite)
  dispose(p, g, expected, state, params, current)
  return { ...grown, finite }
}

/** What donated steps add to memory. */
export const donated = async (): Promise<readonly Grown[]> => {
  await useWebgl()
  const all: Grown[] = []
  for (const [name, tx] of Object.entries(transformations)) all.push(await grownBy(name, tx))
  return all
}

/** Numbers that were read before a step, are being read during it, and are read after it. */
export const readAround = async (): Promise<{
  readonly read: Numbers
  readonly pending: Numbers
  readonly tensors: number
}> => {
  await useWebgl()
  const { numTensors } = tf.memory()
  const inPlace = step(sgd(1), { donate: true })
  let [params, state] = [resident([1, 2]), sgd(1).init(null)]
  const read: (readonly number[])[] = []
  const reading: Promise<readonly number[]>[] = []
  for (let i = 0; i < 3; i++) {
    read.push([...(i === 1 ? params.dataSync() : await params.data())])
    reading.push(params.data().then((data) => [...data]))
    ;[params, state] = inPlace(params, state, resident([1, 1]))
    const fresh = resident([9, 9])
    reading.push(params.data().then((data) => [...data]))
    fresh.dispose()
  }
  const pending = await Promise.all(reading)
  read.push([...(await params.data())])
  dispose(params, state)
  return { read, pending, tensors: tf.memory().numTensors - numTensors }
}

/** Rules and inputs of which one might be written before it is read elsewhere. */
export const shared = async (): Promise<Readonly<Record<string, Numbers>>> => {
  await useWebgl()
  const found: Record<string, Numbers> = {}
  const record = async (name: string, tree: unknown, ...more: readonly unknown[]): Promise<void> => {
    found[name] = await numbersOf(tree)
    dispose(tree, more)
  }
  const half = step(sgd(0.5), { donate: true })
  const none = sgd(0.5).init(null)

  const original = resident(p0)
  const clone = tf.clone(original)
  await record('a clone', [clone, half(original, none, resident(g0))[0]])

  const same = resident(p0)
  await record('gradients that are the parameters', half(same, none, same)[0])

  const twice = resident(p0)
  await record('one tensor in two places', half([twice, twice], none, [resident(g0), resident(p0)])[0])

  const p = resident(p0)
  const views: Params = { p, view: tf.reshape(p, [7, 1]) }
  await record(
    'views of one texture',
    half<Params>(views, none, { p: resident(g0), view: tf.reshape(resident(g0), [7, 1]) })[0],
  )

  const kept = resident(p0)
  await record(
    'a slot that keeps the parameter',
    step(keeping, { donate: true })(kept, keeping.init(kept), resident(g0)),
  )

  const given = resident(p0)
  const first = step(swapping)(given, swapping.init(given), given)
  await record('slots that change places', step(swapping, { donate: true })(...first, resident(g0))[1], given)

  // a window of a texture that is not packed shares it
  await useWebgl({ packed: false })
  const whole = resident([...p0, ...p0])
  const window = tf.slice(whole, [3], [7])
  const [after] = half(whole, none, resident([...g0, ...g0]))
  await record('a window of a parameter', [window, after])
  const source = resident([...p0, ...p0])
  await record(
    'a parameter that is a window',
    half(tf.slice(source, [3], [7]), none, tf.slice(source, [2], [7]))[0],
    source,
  )
  await useWebgl()
  return found
}
