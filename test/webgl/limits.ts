/** What a device allows, in a page: draws per step, attachments, textures, the range of norms. */
import * as tf from '@tensorflow/tfjs-core'
import {
  adafactor,
  adam,
  adamw,
  centralize,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  lamb,
  max,
  norm,
  type Params,
  slot,
  sm3,
  step,
  sum,
  zeros,
} from '../../src/index.js'
import { differences } from '../webgpu/difference.js'
import { numbersOf } from '../webgpu/read.js'
import { reasonsOf, useWebgl, withOwnBackend } from './backend.js'

/** Ten slots, of which each reads its neighbour: twelve tensors are read, eleven written, and two reductions. */
const many: GradientTransformation = fromRule({
  slots: {
    ...{ a: zeros, b: zeros, c: zeros, d: zeros, e: zeros },
    ...{ f: zeros, h: zeros, i: zeros, j: zeros, k: zeros },
  },
  scalars: {},
  step: ({ g, p, a, b, c, d, e, f, h, i, j, k }) => ({
    update: g.sub(a).sub(p.mul(0.5)),
    a: b.add(g),
    b: c.add(1),
    c: d.add(a),
    d: e.add(2),
    e: f.add(b),
    f: h.add(3),
    h: i.add(c),
    i: j.add(4),
    j: k.add(sum(a.add(p), 'leaf')),
    k: a.add(k).add(sum(f.mul(h), 'tree')),
  }),
})

const numbers = (n: number, k: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.round(8 * Math.sin(k * i)))

const sizes = [5, 64, 300]

/** Four steps on tensors beside those on arrays, and the draws of the last. */
const apart = async (
  tx: GradientTransformation,
): Promise<{ readonly found: readonly string[]; readonly draws: number }> => {
  const arrays = (k: number): Float32Array[] => sizes.map((n) => numbers(n, k))
  const tensors = (k: number): tf.Tensor[] => arrays(k).map((array) => tf.tensor1d(array))
  let [expected, state] = [arrays(0.7), tx.init(arrays(0.7))]
  const start = tensors(0.7)
  let [given, current] = [start, tx.init(start)]
  let draws = 0
  for (let t = 1; t <= 4; t++) {
    ;[expected, state] = step(tx)(expected, state, arrays(t))
    const before = kernelStatistics().launches
    ;[given, current] = step(tx, { donate: true })(given, current, tensors(t))
    draws = kernelStatistics().launches - before
  }
  const found = differences(await numbersOf([expected, state]), await numbersOf([given, current]), {
    ulps: 32,
    near: 1e-5,
  })
  dispose(given, current)
  return { found, draws }
}

/** Steps where a draw writes so many textures and reads so many, and the reasons of fallbacks. */
export const limited = async (
  attachments: number,
  units: number,
): Promise<{
  readonly found: readonly string[]
  readonly draws: readonly number[]
  readonly reasons: readonly string[]
}> => {
  await useWebgl()
  const { MAX_DRAW_BUFFERS, MAX_COLOR_ATTACHMENTS, MAX_TEXTURE_IMAGE_UNITS } = WebGL2RenderingContext
  const limits = {
    [MAX_DRAW_BUFFERS]: attachments,
    [MAX_COLOR_ATTACHMENTS]: attachments,
    [MAX_TEXTURE_IMAGE_UNITS]: units,
  }
  const found: string[] = []
  const draws: number[] = []
  const reasons = await reasonsOf(() =>
    withOwnBackend(
      async (gl) => {
        for (const tx of [adam(0.1), many, chain(clipByGlobalNorm(1), lamb(0.1))]) {
          const result = await apart(tx)
          found.push(...result.found)
          draws.push(result.draws)
        }
        if (gl.getError() !== gl.NO_ERROR) found.push('WebGL complains')
      },
      { limits },
    ),
  )
  return { found, draws, reasons: [...new Set(reasons)] }
}

const lengths = fromRule({
  slots: {
    ...{ sum: slot('tree', 0), greatest: slot('tree', 0), norm: slot('tree', 0) },
    ...{ ownSum: slot('leaf', 0), ownGreatest: slot('leaf', 0), ownNorm: slot('leaf', 0) },
  },
  scalars: {},
  step: ({ g }) => ({
    update: g,
    sum: sum(g, 'tree'),
    greatest: max(g, 'tree'),
    norm: norm(g, 'tree'),
    ownSum: sum(g, 'leaf'),
    ownGreatest: max(g, 'leaf'),
    ownNorm: norm(g, 'leaf'),
  }),
})

/** Reductions of leaves of ones, of the tree and of each leaf: [sum, greatest, norm squared]. */
export const reduced = async (
  ofSizes: readonly number[],
): Promise<{ readonly tree: readonly number[]; readonly leaves: readonly (readonly number[])[] }> => {
  await useWebgl()
  const g = ofSizes.map((n, i) => tf.tidy(() => tf.mul(tf.ones([n]), i + 1)))
  const start = lengths.init(g)
  const [updates, state] = lengths.update(g, start)
  const read = async (tensor: Params): Promise<number> => (await numbersOf(tensor)).flat()[0] ?? Number.NaN
  const tree = [await read(state.sum), await read(state.greatest), (await read(state.norm)) ** 2]
  const own = await Promise.all(
    [state.ownSum, state.ownGreatest, state.ownNorm].map(async (each) => (await numbersOf(each)).flat()),
  )
  dispose(g, start, updates, state)
  return { tree, leaves: own }
}

/** Norms of 3c beside 4c, of the leaf, the other leaf, the tree, for every power of two c; those that are wrong. */
export const norms = async (exponents: readonly number[]): Promise<readonly string[]> => {
  await useWebgl()
  const wrong: string[] = []
  for (const k of exponents) {
    const c = 2 ** k
    const g = [tf.tensor1d([0, 3 * c, 0, 0, 0]), tf.tensor1d([0, 4 * c, 0, 0])]
    const start = lengths.init(g)
    const [updates, state] = lengths.update(g, start)
    const found = (await numbersOf([state.ownNorm, state.norm])).flat()
    for (const [i, x] of [3 * c, 4 * c, 5 * c].entries())
      if (found[i] !== x) wrong.push(`2^${k}: ${x}, given ${found[i]}`)
    dispose(g, start, updates, state)
  }
  return wrong
}

/** Draws of a step, by rule: on ten leaves, and on one. */
export const draws = async (): Promise<Readonly<Record<string, readonly [ten: number, one: number]>>> => {
  await useWebgl()
  const make = (count: number) => Array.from({ length: count }, () => tf.ones([10, 10]))
  const drawn = (tx: GradientTransformation, count: number): number => {
    const params = make(count)
    const start = tx.init(params)
    const first = step(tx)(params, start, params)
    const before = kernelStatistics().launches
    const second = step(tx)(...first, params)
    const launched = kernelStatistics().launches - before
    dispose(params, start, first, second)
    return launched
  }
  const rules = {
    adam: adam(0.1),
    'clipped adamw': chain(clipByGlobalNorm(1), adamw(0.1)),
    lamb: lamb(0.1),
    adafactor: adafactor(0.1, { minDimSizeToFactor: 2 }),
    sm3: sm3(0.1),
  }
  return Object.fromEntries(
    Object.entries(rules).map(([name, tx]) => [name, [drawn(tx, 10), drawn(tx, 1)] as const]),
  )
}

/** How many programs other learning rates and shapes compile. */
export const compiled = async (): Promise<number> => {
  await useWebgl()
  const run = (lr: number, n: number): void => {
    const tx = chain(
      centralize(),
      clipByGlobalNorm(lr),
      adamw((count) => lr / (1 + count)),
    )
    const p = { a: tf.ones([n]), b: tf.ones([7]), c: tf.ones([n, 9]) }
    const start = tx.init(p)
    const first = step(tx)(p, start, p)
    const second = step(tx)(...first, p)
    dispose(p, start, first, second)
  }
  run(0.1, 8)
  const before = kernelStatistics().compilations
  run(0.2, 8)
  run(0.3, 600)
  return kernelStatistics().compilations - before
}
