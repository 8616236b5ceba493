import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adaptiveGradClip,
  centralize,
  dispose,
  identity,
  type Params,
  scaleByFactoredRms,
  scaleByGalore,
  scaleByMuon,
  scaleBySm3,
} from '../../src/index.js'
import { tensorsLeft } from '../backends.js'
import { thrown } from '../thrown.js'
import { matrix, refusal } from './refusal.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe('transformations whose slots have other shapes refuse, and leave nothing behind', () => {
  const tx = scaleByFactoredRms({ minDimSizeToFactor: 2 })

  it('a gradient of another shape, kind or dtype than its parameter', () => {
    tf.tidy(() => {
      const params = { w: matrix() }
      const state = tx.init(params)
      const at = (w: Params): { readonly _tag: string } => refusal(centralize(), { w }, {}, params)
      expect(at(tf.ones([3, 2]))).toEqual({ _tag: 'ShapeMismatch', path: 'grads.w' })
      expect(at(tf.ones([2, 3], 'int32'))).toEqual({ _tag: 'DtypeMismatch', path: 'grads.w' })
      expect(refusal(centralize(), { v: matrix() }, {}, params)).toMatchObject({ _tag: 'TreeMismatch' })
      dispose(state)
    })
  })

  it('a gradient that was given back', () => {
    tf.tidy(() => {
      const w = matrix()
      w.dispose()
      expect(refusal(centralize(), { w }, {})).toEqual({ _tag: 'Disposed', path: 'grads.w' })
    })
  })

  it('no parameters where a norm of them is needed', () => {
    tf.tidy(() => {
      const g = { w: matrix() }
      expect(refusal(adaptiveGradClip(0.1), g, {})).toEqual({ _tag: 'MissingParams', path: 'params.w' })
    })
  })

  it('a state whose slot has another shape, is missing, was given back, or is a branch', () => {
    tf.tidy(() => {
      const g = { w: matrix() }
      const state = tx.init(g)
      const withRow = (w: Params): unknown => ({ ...state, vRow: { w } })
      expect(refusal(tx, g, withRow(tf.ones([3])))).toEqual({ _tag: 'ShapeMismatch', path: 'state.vRow.w' })
      expect(refusal(tx, g, withRow(null))).toEqual({ _tag: 'TreeMismatch', path: 'state.vRow.w' })
      expect(refusal(tx, g, withRow([tf.ones([2])]))).toEqual({ _tag: 'TreeMismatch', path: 'state.vRow.w' })
      expect(refusal(tx, g, withRow(2))).toEqual({ _tag: 'ShapeMismatch', path: 'state.vRow.w' })
      const gone = tf.ones([2])
      gone.dispose()
      expect(refusal(tx, g, withRow(gone))).toEqual({ _tag: 'Disposed', path: 'state.vRow.w' })
    })
  })

  it('a state of another structure, and none', () => {
    tf.tidy(() => {
      const g = { w: matrix(), b: [matrix()] }
      const state = tx.init(g)
      const { vRow: _, ...less } = state
      expect(refusal(tx, g, less)).toEqual({ _tag: 'TreeMismatch', path: 'state.vRow' })
      expect(refusal(tx, g, { ...state, vCol: { w: null } })).toEqual({
        _tag: 'TreeMismatch',
        path: 'state.vCol.b',
      })
      expect(refusal(tx, g, { ...state, vCol: { w: null, b: {} } })).toEqual({
        _tag: 'TreeMismatch',
        path: 'state.vCol.b',
      })
      expect(refusal(tx, g, null)).toEqual({ _tag: 'TreeMismatch', path: 'state' })
      expect(refusal(tx, g, { ...state, count: 'none' })).toMatchObject({ path: 'state.count' })
    })
  })

  it('a list of another length', () => {
    tf.tidy(() => {
      const g = { w: matrix() }
      const sm3 = scaleBySm3()
      const state = sm3.init(g)
      expect(refusal(sm3, g, { ...state, mu: { w: [tf.ones([2])] } })).toMatchObject({ _tag: 'TreeMismatch' })
      expect(refusal(sm3, g, { ...state, mu: { w: tf.ones([2]) } })).toEqual({
        _tag: 'TreeMismatch',
        path: 'state.mu.w',
      })
      expect(refusal(sm3, g, { ...state, mu: { w: [tf.ones([2]), tf.ones([2])] } })).toEqual({
        _tag: 'ShapeMismatch',
        path: 'state.mu.w.1',
      })
    })
  })

  it('at the start, a leaf that is none and one that was given back', () => {
    const gone = matrix()
    gone.dispose()
    expect(thrown(() => centralize().init({ w: gone }))).toMatchObject({ _tag: 'Disposed', path: 'params.w' })
    expect(thrown(() => centralize().init({ w: 'text' } as never))).toMatchObject({ _tag: 'InvalidLeaf' })
  })
})

describe('transformations whose slots have other shapes', () => {
  it('keeps the state where there is no gradient, of a whole branch too', () => {
    tf.tidy(() => {
      const params = { a: { w: matrix() }, b: { w: matrix() } }
      const tx = scaleBySm3()
      const [, warm] = tx.update(params, tx.init(params))
      const half: Params = { a: { w: matrix() }, b: null }
      const [updates, next] = tx.update(half, warm)
      expect(updates).toMatchObject({ b: { w: null } })
      const numbersOf = (state: unknown): unknown =>
        JSON.parse(JSON.stringify(state, (_, leaf) => (leaf instanceof tf.Tensor ? leaf.arraySync() : leaf)))
      const [before, after] = [numbersOf(warm), numbersOf(next)] as { mu: { a: unknown; b: unknown } }[]
      expect(after?.mu.b).toEqual(before?.mu.b)
      expect(after?.mu.a).not.toEqual(before?.mu.a)
    })
  })

  it('has no state for integers, and leaves no tensor behind', () => {
    tf.tidy(() => {
      const params = { w: matrix(), steps: tf.ones([2, 2], 'int32') }
      const tx = scaleByFactoredRms({ minDimSizeToFactor: 2 })
      const state = tx.init(params)
      expect(state).toMatchObject({ count: 0, vRow: { steps: null }, v: { w: null, steps: null } })
      const grads: Params = { w: matrix(), steps: null }
      expect(tensorsLeft(() => dispose(tx.update(grads, state, params)))).toBe(0)
      expect(tensorsLeft(() => dispose(tx.init(params)))).toBe(0)
    })
  })
})

describe('axes', () => {
  it('of a unit may be told; without, a rank above 5 is refused', () => {
    tf.tidy(() => {
      const p = tf.tensor3d([3, 4, 6, 8], [1, 2, 2])
      const long = tf.mul(p, 100)
      const rows = adaptiveGradClip(0.5, { axis: -1 }).update(long, {}, p)[0]
      expect(Array.from(rows.dataSync(), (x) => Math.round(100 * x) / 100)).toEqual([1.5, 2, 3, 4])
      const whole = adaptiveGradClip(0.5, { axis: [0, 1, 2] }).update(long, {}, p)[0]
      const alone = adaptiveGradClip(0.5).update(tf.reshape(long, [4]), {}, tf.reshape(p, [4]))[0]
      expect(Array.from(whole.dataSync())).toEqual(Array.from(alone.dataSync()))
      expect(refusal(adaptiveGradClip(0.5, { axis: 3 }), long, {}, p)).toMatchObject({
        _tag: 'ShapeMismatch',
      })
      const high = tf.ones([2, 2, 2, 2, 2, 2])
      expect(refusal(adaptiveGradClip(0.5), high, {}, high)).toMatchObject({ _tag: 'ShapeMismatch' })
    })
  })

  it('of convolutions belong to an output: the last one of rank 4 and 5, the last two of rank 3', () => {
    tf.tidy(() => {
      const unitsOf = (shape: readonly number[]): number => {
        const p = tf.ones([...shape])
        // one element is far too long; its unit is clipped, the others are not
        const data = new Float32Array(p.size).fill(1e-3)
        data[0] = 1e3
        const [u] = adaptiveGradClip(1).update(tf.tensor(data, [...shape]), {}, p)
        return u.dataSync().filter((x, i) => i > 0 && x !== Math.fround(1e-3)).length + 1
      }
      expect(unitsOf([2, 3, 5])).toBe(2)
      expect(unitsOf([2, 3, 5, 7])).toBe(30)
      expect(unitsOf([2, 3, 2, 2, 7])).toBe(24)
      expect(unitsOf([1, 6, 1])).toBe(6)
    })
  })

  it('of a matrix are refused where there is none, where one is missing, and where one stands twice', () => {
    const at = (leaf: tf.Tensor, weightDimensionNumbers: { reductionAxis: number; outputAxis: number }) =>
      thrown(() => scaleByMuon({ weightDimensionNumbers }).init({ w: leaf }))
    tf.tidy(() => {
      expect(thrown(() => scaleByMuon().init({ w: tf.ones([3]) }))).toMatchObject({
        _tag: 'ShapeMismatch',
        path: 'w',
      })
      expect(at(tf.ones([3]), { reductionAxis: 0, outputAxis: 0 })).toMatchObject({ _tag: 'ShapeMismatch' })
      expect(at(matrix(), { reductionAxis: 0, outputAxis: 2 })).toMatchObject({ _tag: 'ShapeMismatch' })
      expect(at(matrix(), { reductionAxis: 1, outputAxis: -1 })).toMatchObject({ _tag: 'InvalidArgument' })
      const galore = scaleByGalore({ weightDimensionNumbers: {} })
      expect(thrown(() => galore.init({ w: tf.ones([2, 2, 2]) }))).toMatchObject({ _tag: 'InvalidArgument' })
    })
  })

  it('of a stack of matrices in any order give each matrix its own update', () => {
    tf.tidy(() => {
      const tx = scaleByMuon({ weightDimensionNumbers: { reductionAxis: 2, outputAxis: 0 } })
      const g = tf.randomNormal<tf.Rank.R3>([3, 4, 2], 0, 1, 'float32', 3)
      const [u] = tx.update(g, tx.init(g))
      const alone = scaleByMuon()
      for (let i = 0; i < 4; i++) {
        // rows are the reduction
        const one = tf.transpose(tf.reshape(tf.slice(g, [0, i, 0], [3, 1, 2]), [3, 2]))
        const [expected] = alone.update(one, alone.init(one))
        const found = tf.transpose(tf.reshape(tf.slice(u, [0, i, 0], [3, 1, 2]), [3, 2]))
        expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-5)
      }
    })
  })

  it('of a projection may be several', () => {
    tf.tidy(() => {
      const tx = scaleByGalore({
        rank: 4,
        baseOptimizer: identity(),
        weightDimensionNumbers: { reductionAxis: [0, 2], outputAxis: 1 },
      })
      const g = tf.randomNormal<tf.Rank.R3>([2, 4, 3], 0, 1, 'float32', 3)
      const state = tx.init(g)
      const [u, next] = tx.update(g, state)
      // all directions of the shorter side
      expect(next.projector).toMatchObject({ shape: [6, 4] })
      expect(tf.max(tf.abs(tf.sub(u, g))).dataSync()[0]).toBeLessThan(1e-5)
    })
  })
})

describe('options out of range are refused', () => {
  const refused: readonly (readonly [path: string, make: () => unknown])[] = [
    ['scaleByFactoredRms.decayRate', () => scaleByFactoredRms({ decayRate: 0 })],
    ['scaleByFactoredRms.epsilon', () => scaleByFactoredRms({ epsilon: 0 })],
    ['scaleByGalore.rank', () => scaleByGalore({ rank: 0 })],
    ['scaleByGalore.updateProjGap', () => scaleByGalore({ updateProjGap: 1.5 })],
    ['scaleByMuon.nsSteps', () => scaleByMuon({ nsSteps: 0 })],
    ['scaleByMuon.nsCoeffs', () => scaleByMuon({ nsCoeffs: 'muon' as never })],
    ['scaleByMuon.nsCoeffs', () => scaleByMuon({ nsCoeffs: [[1, 2]] as never })],
    ['scaleByMuon.nsCoeffs', () => scaleByMuon({ nsCoeffs: 'dion', nsSteps: 6 })],
    ['scaleByMuon.preconditioning', () => scaleByMuon({ preconditioning: 'none' as never })],
    ['scaleBySm3.b3', () => scaleBySm3({ b3: 1 } as never)],
  ]
  it.each(refused)('%s', (path, make) => {
    expect(thrown(make)).toMatchObject({ _tag: 'InvalidArgument', path })
  })
})
