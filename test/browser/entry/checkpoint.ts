/** Checkpoints in a page: a run of training goes into the browser's places and out of them. */
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { encodeAsync, load, save } from '../../../src/checkpoint/index.js'
import { adam, dispose, step } from '../../../src/index.js'
import '../../../src/tfjs/tensors.js'

/** Chooses the backend. */
export const use = async (backend: 'cpu' | 'webgpu'): Promise<string> => {
  await tf.setBackend(backend)
  await tf.ready()
  return tf.getBackend()
}

const optimizer = adam(0.05)

const begin = () => {
  const params = { w: tf.tensor2d([1, -2, 3, -4, 5, -6], [2, 3]) }
  return { params, state: optimizer.init(params) }
}

type Run = ReturnType<typeof begin>

/** Descends w²/2: the gradient is w. */
const walk = (run: Run, steps: number): Run => {
  let { params, state } = run
  for (let i = 0; i < steps; i++) {
    const before = { params, state }
    ;[params, state] = step(optimizer)(params, state, params)
    dispose(before)
  }
  return { params, state }
}

/** All bits of a run, which ends here. */
const bits = async (run: Run): Promise<string> => {
  const bytes = await encodeAsync(run)
  dispose(run)
  return [...bytes].join(' ')
}

/** What a task gives, and how many tensors more there are than before. */
interface Counted<A> {
  readonly value: A
  readonly tensors: number
}

const counted = async <A>(task: () => Promise<A>): Promise<Counted<A>> => {
  const before = tf.memory().numTensors
  const value = await task()
  return { value, tensors: tf.memory().numTensors - before }
}

const right = <L extends { readonly message: string }, A>(result: E.Either<L, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

/** The bits of a run of so many steps. */
export const whole = (steps: number): Promise<Counted<string>> => counted(() => bits(walk(begin(), steps)))

/** A run of so many steps, saved. */
export const first = (steps: number, place: string): Promise<Counted<number | undefined>> =>
  counted(async () => {
    const run = walk(begin(), steps)
    const { modelArtifactsInfo } = right(await save(place, run)())
    dispose(run)
    return modelArtifactsInfo.weightDataBytes
  })

/** The bits of a saved run after so many steps more. */
export const rest = (steps: number, place: string): Promise<Counted<string>> =>
  counted(async () => {
    const like = begin()
    const loaded = await load(place, like)()
    dispose(like)
    return bits(walk(right(loaded), steps))
  })

/** Bytes that do not compress: a store may count those that it writes. */
const noise = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536))
  return bytes
}

/** Saves something of that many bytes, with a mark; the error's tag and message, or nothing. */
export const saveMarked = async (
  place: string,
  mark: number,
  length: number,
): Promise<{ readonly tag: string; readonly message: string } | null> => {
  const saved = await save(place, { mark, bytes: noise(length) })()
  return E.isLeft(saved) ? { tag: saved.left._tag, message: saved.left.message } : null
}

/** The mark of what is there, or the error's tag. */
export const markOf = async (place: string): Promise<string | number> => {
  const loaded = await load(place, { mark: 0, bytes: new Uint8Array(10) })()
  return E.isLeft(loaded) ? loaded.left._tag : loaded.right.mark
}

/** What TensorFlow.js lists, with the bytes of each. */
export const list = async (): Promise<readonly (readonly [url: string, bytes: number | undefined])[]> =>
  Object.entries(await tf.io.listModels()).map(
    ([url, { weightDataBytes }]) => [url, weightDataBytes] as const,
  )

/** Lets TensorFlow.js remove what is there. */
export const remove = (url: string): Promise<unknown> => tf.io.removeModel(url)

/** Lets TensorFlow.js copy what is there. */
export const copy = (from: string, to: string): Promise<unknown> => tf.io.copyModel(from, to)

/** What becomes of a save and a load. */
export const failures = async (
  places: readonly string[],
): Promise<readonly (readonly [place: string, saved: string, loaded: string])[]> => {
  const tags: (readonly [string, string, string])[] = []
  for (const place of places) {
    const [saved, loaded] = [await save(place, { a: 1 })(), await load(place)()]
    tags.push([
      place,
      E.isLeft(saved) ? saved.left._tag : 'saved',
      E.isLeft(loaded) ? loaded.left._tag : 'loaded',
    ])
  }
  return tags
}

/** What becomes of a save and a load in a worker. */
export const failuresInWorker = async (places: readonly string[]): ReturnType<typeof failures> => {
  const worker = new Worker('/entry.js', { type: 'module' })
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(places)
    })
  } finally {
    worker.terminate()
  }
}

// this module is the worker too
if (typeof document === 'undefined')
  self.onmessage = async ({ data }) => self.postMessage(await failures(data))
