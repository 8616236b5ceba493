/** What every step has in common is worked out once: after the first steps no rule is written and no kernel looked for. */
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { catalogue } from '../../laws/index.js'
import {
  applyUpdates,
  clip,
  dispose,
  fromRule,
  type GradientTransformation,
  kernelStatistics,
  lbfgs,
  momo,
  type Params,
  scaleByBacktrackingLinesearch,
  scaleByZoomLinesearch,
  step,
  tree,
} from '../../src/index.js'
import { useBackend } from '../backends.js'

// every term is looked up in a table by what it is made of
const ofTerm = /^(Const|Scalar|Slot|Unary|Binary|Compare|Select|Reduce) /

/** How many terms something writes, and how many kernels it makes or looks for. */
const workedOut = (run: () => void): number => {
  const { get } = Map.prototype
  let terms = 0
  Map.prototype.get = function (key: unknown) {
    if (typeof key === 'string' && ofTerm.test(key)) terms++
    return get.call(this, key)
  }
  const kernels = (): number => kernelStatistics().compilations + kernelStatistics().hits
  const before = kernels()
  try {
    run()
  } finally {
    Map.prototype.get = get
  }
  return terms + kernels() - before
}

type Tx = GradientTransformation<unknown, Readonly<Record<string, unknown>>>

/** What the first steps work out, and what later ones do. */
const inSteps = (
  tx: Tx,
  like: () => Params,
  args: (params: Params) => Readonly<Record<string, unknown>>,
): readonly [first: number, later: number] => {
  let params = like()
  let state = tx.init(params)
  const steps = (count: number) => () => {
    for (let i = 0; i < count; i++) {
      const grads = like()
      const extra = args(params)
      const [updates, next] = tx.update(grads, state, params, extra)
      const after = applyUpdates(params, updates)
      dispose(updates, state, params, grads, extra)
      params = after
      state = next
    }
  }
  const worked = [workedOut(steps(13)), workedOut(steps(3))] as const
  dispose(params, state)
  return worked
}

let alive = 0

beforeAll(() => useBackend('wasm'))
beforeEach(() => {
  alive = tf.memory().numTensors
})
afterEach(() => expect(tf.memory().numTensors).toBe(alive))

const tensors = (): Params => ({ a: tf.tensor2d([1, -2, 3, 4, 5, 7], [2, 3]), b: [tf.tensor1d([1, 2])] })

describe('after the first steps nothing is worked out again', () => {
  it('though the first steps do', () => {
    const [first] = inSteps(
      fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.exp().mul(0.125) }) }) as Tx,
      tensors,
      () => ({}),
    )
    expect(first).toBeGreaterThan(0)
    expect(workedOut(() => clip(0.5))).toBeGreaterThan(0)
  })

  // in these the caller's function makes a transformation in every step
  const rows = catalogue.filter(({ name }) => !/^inject.*Hyperparams$|^stateless$/.test(name))

  it.each(rows.map((row) => [row.call, row] as const))('of %s', (_, { make }) => {
    expect(inSteps(make() as Tx, tensors, () => ({}))[1]).toBe(0)
  })

  const valueAndGradFn = (params: Params) => ({
    value: tree.norm(params as { readonly w: number }, { squared: true }),
    grads: tree.scale(2, params),
  })

  const searches = {
    'lbfgs()': lbfgs(),
    'scaleByZoomLinesearch(9)': scaleByZoomLinesearch(9),
    'scaleByBacktrackingLinesearch(9, { storeGrad: true })': scaleByBacktrackingLinesearch(9, {
      storeGrad: true,
    }),
    'momo()': momo(),
  }

  it.each(Object.entries(searches))('of %s on numbers and arrays', (_, tx) => {
    const like = (): Params => ({ w: [1, 2], v: Float64Array.of(3, -1) })
    const args = (params: Params) => ({
      ...valueAndGradFn(params),
      grad: tree.scale(2, params),
      valueAndGradFn,
    })
    expect(inSteps(tx as Tx, like, args)[1]).toBe(0)
  })

  it('of a step, and of arithmetic with trees', () => {
    const tx = momo()
    const [x, y] = [
      { w: 1, v: Float64Array.of(2) },
      { w: 3, v: Float64Array.of(4) },
    ]
    const all = (i: number) => {
      step(tx)(x, tx.init(x), y, { value: i })
      tree.add(x, y, x)
      tree.scale(i, x)
      tree.addScale(x, i, y)
      tree.clip(x, { minValue: i })
      tree.zerosLike(x)
      tree.vdot(x, y)
      tree.norm(x)
      tree.norm(x, { ord: 1, squared: true })
      tree.sum(x)
      tree.allclose(x, y)
      tree.where(i > 1, x, y)
    }
    all(1)
    expect(workedOut(() => all(2))).toBe(0)
  })
})
