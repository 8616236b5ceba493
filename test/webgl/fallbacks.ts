/** Where a step is not drawn, in a page: devices of half precision, WebGL 1, other backends, lost contexts. */
import * as tf from '@tensorflow/tfjs-core'
import { dispose, sgd, step } from '../../src/index.js'
import { numbersOf } from '../webgpu/read.js'
import { reasonsOf, useWebgl, withOwnBackend } from './backend.js'

/** Why a step was not drawn, and what it gave: of [1, 2, 3] and its own gradient, zeros. */
interface Refused {
  readonly reasons: readonly string[]
  readonly numbers: readonly number[]
}

const attempt = async (read = true): Promise<Refused> => {
  let numbers: readonly number[] = []
  const reasons = await reasonsOf(async () => {
    const p = tf.tensor1d([1, 2, 3])
    const [next] = step(sgd(1))(p, sgd(1).init(p), p)
    if (read) numbers = (await numbersOf(next)).flat()
    dispose(p, next)
  })
  return { reasons: [...new Set(reasons)], numbers }
}

/** Under flags of TensorFlow.js. */
const under = async (flags: Readonly<Record<string, boolean | number>>): Promise<Refused> => {
  const before = Object.keys(flags).map((name) => [name, tf.env().get(name)] as const)
  for (const [name, value] of Object.entries(flags)) tf.env().set(name, value)
  try {
    return await attempt()
  } finally {
    for (const [name, value] of before) tf.env().set(name, value)
  }
}

/** What a step says and gives where it cannot be drawn. */
export const refused = async (): Promise<Readonly<Record<string, Refused>>> => {
  await useWebgl()
  return {
    'half precision': await under({ WEBGL_RENDER_FLOAT32_ENABLED: false }),
    'WebGL 1': await withOwnBackend(() => attempt(), { version: 1 }),
    'none of these': await attempt(),
  }
}

/** On a backend that looks different. */
export const different = async (): Promise<Refused> => {
  await useWebgl()
  return withOwnBackend(async () => {
    Reflect.set(tf.backend(), 'incRef', undefined)
    return attempt()
  })
}

/** When the context is lost: a donated step that is not drawn throws nothing. */
export const lost = async (): Promise<readonly string[]> => {
  await useWebgl()
  return withOwnBackend(async (gl) => {
    gl.getExtension('WEBGL_lose_context')?.loseContext()
    const { reasons } = await attempt(false)
    return reasons
  })
}

/** While TensorFlow.js records, a step is differentiated: the derivative of the parameter after it. */
export const recorded = async (): Promise<readonly number[]> => {
  await useWebgl()
  const p = tf.tensor1d([1, 2, 3])
  const derivative = tf.grad((x: tf.Tensor) => step(sgd(0.25))(x, sgd(0.25).init(x), tf.square(x))[0])(p)
  const numbers = (await numbersOf(derivative)).flat()
  dispose(p, derivative)
  return numbers
}
