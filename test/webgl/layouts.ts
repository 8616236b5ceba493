/** Inputs of every layout that TensorFlow.js has on WebGL, in a page: packed, not packed, reshaped, windows. */
import * as tf from '@tensorflow/tfjs-core'
import {
  adamw,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  max,
  norm,
  step,
  sum,
} from '../../src/index.js'
import { differences } from '../webgpu/difference.js'
import { numbersOf } from '../webgpu/read.js'
import { collect, type Trial, type Tried, useWebgl } from './backend.js'

const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [7],
  [1000],
  [1, 9],
  [9, 1],
  [3, 5],
  [4, 6],
  [1, 1, 3],
  [5, 3, 2],
  [2, 1, 5],
  [3, 3, 4, 7],
  [2, 3, 1, 5],
  [2, 1, 3, 2, 5],
  [1, 40_000],
  [301, 77],
]

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

const numbers = (n: number, k: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(k * (i + 1)) + 0.1)

/** The ways to lay out some numbers, in memory that is there already. */
const layouts: Readonly<Record<string, (data: Float32Array, shape: readonly number[]) => tf.Tensor>> = {
  uploaded: (data, shape) => tf.tensor(data, [...shape]),
  packed: (data, shape) => {
    tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', true)
    return tf.mul(tf.tensor(data, [...shape]), 1)
  },
  unpacked: (data, shape) => {
    tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', false)
    return tf.mul(tf.tensor(data, [...shape]), 1)
  },
  'packed as a vector': (data, shape) => {
    tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', true)
    return tf.reshape(tf.mul(tf.tensor(data, [data.length]), 1), [...shape])
  },
  'unpacked as a vector': (data, shape) => {
    tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', false)
    return tf.reshape(tf.mul(tf.tensor(data, [data.length]), 1), [...shape])
  },
  'a window': (data, shape) => {
    tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', false)
    const longer = Float32Array.from({ length: data.length + 300 }, (_, i) => data[i - 200] ?? 77)
    return tf.reshape(tf.slice(tf.mul(tf.tensor(longer), 1), [200], [data.length]), [...shape])
  },
}

/** A rule that reads and reduces gradient and parameter. */
const transformation: GradientTransformation = chain(
  fromRule({
    slots: {},
    scalars: {},
    step: ({ g, p }) => ({
      update: g
        .mul(0.001)
        .add(sum(g, 'leaf'))
        .add(max(p, 'leaf').mul(norm(p, 'leaf')))
        .sub(max(g.neg(), 'leaf')),
    }),
  }),
  clipByGlobalNorm(1),
  adamw(0.1),
)

const stepped = (
  make: (k: number, which: 'parameter' | 'gradient') => tf.Tensor | Float32Array,
  packed: boolean,
): readonly unknown[] => {
  const all: unknown[] = []
  const p = make(0.7, 'parameter')
  const g = [1.3, 0.4].map((k) => make(k, 'gradient'))
  tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', packed)
  let [params, state]: readonly [typeof p, unknown] = [p, transformation.init(p)]
  all.push(...g, p, state)
  for (const gradient of g) {
    ;[params, state] = step(transformation)(params, state, gradient)
    all.push(params, state)
  }
  return all
}

/**
 * Where steps on inputs of some layout differ from those on numbers. To be thorough, all are taken beside textures that are
 * packed and beside others; else every second one, and those between them the other time.
 */
export const layoutsOf = async (packed: boolean, isThorough: boolean): Promise<Tried> => {
  await useWebgl({ packed })
  const names = Object.keys(layouts)
  const trials = names.flatMap((parameter, i) =>
    shapes.map((shape, j): Trial => {
      // every pair of layouts comes with some shape
      const gradient = names[(i + j) % names.length] ?? parameter
      return [
        `[${shape}], parameter ${parameter}, gradient ${gradient}`,
        async () => {
          const data = (k: number) => numbers(sizeOf(shape), k)
          const expected = stepped(data, packed)
          const given = stepped((k, which) => {
            const lay = layouts[which === 'parameter' ? parameter : gradient]
            if (lay === undefined) throw new Error('a layout')
            return tf.tidy(() => lay(data(k), shape))
          }, packed)
          const found = differences(await numbersOf(expected), await numbersOf(given), {
            ulps: 64,
            near: 1e-5,
          })
          dispose(given)
          return found
        },
      ]
    }),
  )
  const tried = await collect(trials.filter((_, i) => isThorough || i % 2 === Number(packed)))
  await useWebgl()
  return tried
}
