/** Trees that do not fit, of every row of the catalogue: each is told by its path, and nothing has changed. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../laws/index.js'
import { clone } from '../../src/host/hosts.js'
import {
  type GradientTransformation,
  GradpipeError,
  type Leaf,
  lbfgs,
  type Params,
  scaleByBacktrackingLinesearch,
  scaleByZoomLinesearch,
  type ValueAndGradFnArgs,
} from '../../src/index.js'
import { map } from '../../src/tree/tree.js'
import { numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

beforeAll(() => useBackend('cpu'))

const tensor = (rows: number, columns: number, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor =>
  tf.tensor2d(
    Array.from({ length: rows * columns }, (_, i) => i + 1),
    [rows, columns],
    dtype,
  )

const disposed = (): tf.Tensor => {
  const gone = tensor(3, 2)
  gone.dispose()
  return gone
}

type Tree = { readonly a: tf.Tensor; readonly b: { readonly c: tf.Tensor } }

// matrices, since some are for matrices alone
const tree = (): Tree => ({ a: tensor(2, 3), b: { c: tensor(3, 2) } })

interface Mistake {
  readonly name: string
  readonly of: (good: Tree) => unknown
  readonly tag: GradpipeError['_tag']
  /** Where, if gradients are made so. */
  readonly grads: string
  /** Where, if parameters are. */
  readonly params: string
}

const mistakes: readonly Mistake[] = [
  {
    name: 'a leaf too few',
    of: ({ a }) => ({ a, b: {} }),
    tag: 'TreeMismatch',
    grads: 'grads.b.c',
    params: 'grads.b.c',
  },
  {
    name: 'a leaf too many',
    of: ({ a, b }) => ({ a, b, d: a }),
    tag: 'TreeMismatch',
    grads: 'grads.d',
    params: 'grads.d',
  },
  ...(
    [
      ['a matrix that lies across', () => tensor(2, 3), 'ShapeMismatch', 'grads'],
      ['a vector for a matrix', () => tf.tensor1d([1, 2, 3, 4, 5, 6]), 'ShapeMismatch', 'grads'],
      ['an array for a tensor', () => Float32Array.of(1, 2, 3, 4, 5, 6), 'ShapeMismatch', 'grads'],
      ['integers', () => tensor(3, 2, 'int32'), 'DtypeMismatch', 'grads'],
      ['a word', () => 'nonsense', 'InvalidLeaf', 'params'],
      ['a tensor that is gone', disposed, 'Disposed', 'params'],
    ] as const
  ).map(([name, leaf, tag, at]) => ({
    name,
    of: ({ a }: Tree) => ({ a, b: { c: leaf() } }),
    tag,
    grads: 'grads.b.c',
    params: `${at}.b.c`,
  })),
]

/** A transformation, and what its update is given beside the trees. */
interface Subject {
  readonly call: string
  readonly make: () => GradientTransformation
}

const square = (params: Params): { readonly value: number; readonly grads: Params } => ({
  value: 1,
  grads: map<Leaf, Leaf>(clone)(params),
})

/** A line search whose extra arguments are right, whatever the trees are. */
const searching = (
  call: string,
  search: () => GradientTransformation<unknown, ValueAndGradFnArgs>,
): Subject => ({
  call,
  make: () => {
    const { init, update } = search()
    const known = tree()
    return {
      init,
      update: <P extends Params>(grads: P, state: unknown, params?: Params) =>
        update(grads, state, params, { value: 2, grad: known, valueAndGradFn: square }),
    }
  },
})

const subjects: readonly Subject[] = [
  // those rows compute a loss of their own first, which does not stand such trees
  ...catalogue.filter(({ name }) => !name.endsWith('Linesearch')),
  searching('scaleByBacktrackingLinesearch(3)', () => scaleByBacktrackingLinesearch(3, { storeGrad: true })),
  searching('scaleByZoomLinesearch(3)', () => scaleByZoomLinesearch(3)),
  searching('lbfgs()', () => lbfgs()),
]

describe.each(subjects)('$call', ({ make }) => {
  /** What an update gives; `refused` is called between two of them. */
  const between = (
    refused: (tx: GradientTransformation, good: Tree, state: unknown, params: Tree) => void,
  ): void => {
    tf.tidy(() => {
      const [tx, grads, params] = [make(), tree(), tree()]
      const state = tx.init(params)
      const before = tensorsIn(tx.update(grads, state, params)).map(numbers)
      refused(tx, grads, state, params)
      expect(
        [...tensorsIn(state), ...tensorsIn(grads), ...tensorsIn(params)].filter((x) => x.isDisposed),
      ).toEqual([])
      expect(tensorsIn(tx.update(grads, state, params)).map(numbers)).toEqual(before)
    })
  }

  test('refuses gradients and parameters that do not fit, by their paths, and goes on', () => {
    between((tx, grads, state, params) => {
      for (const { name, of, tag, ...path } of mistakes)
        for (const which of ['grads', 'params'] as const) {
          // what a caller without a compiler gives
          const wrong = of(which === 'grads' ? grads : params) as Params
          const given = which === 'grads' ? ([wrong, params] as const) : ([grads, wrong] as const)
          let error: GradpipeError | undefined
          const left = tensorsLeft(() => {
            error = thrown(() => tx.update<Params>(given[0], state, given[1]))
          })
          expect({ name, which, left, tag: error?._tag, path: error?.path }).toEqual({
            ...{ name, which, left: 0, tag },
            path: path[which],
          })
        }
    })
  })

  test('refuses what is no state of it, or does not read it, and goes on', () => {
    between((tx, grads, _, params) => {
      const states: readonly unknown[] = [
        undefined,
        null,
        3,
        {},
        tx.init({ a: tensor(2, 3), z: tensor(1, 2) }),
      ]
      for (const wrong of states) {
        let made: unknown
        const before = tf.memory().numTensors
        try {
          made = tx.update(grads, wrong, params)
        } catch (error) {
          if (!(error instanceof GradpipeError)) throw error
          expect(error.path).toMatch(/^(state|grads|params\.slow)/)
        }
        expect(tf.memory().numTensors - before).toBe(tensorsIn(made).length)
      }
    })
  })

  test('is begun with leaves alone', () => {
    tf.tidy(() => {
      const tx = make()
      const a = tensor(2, 3)
      const begun = (b: unknown) => () => tx.init({ a, b } as Params)
      const gone = disposed()
      let errors: readonly GradpipeError[] = []
      expect(
        tensorsLeft(() => {
          errors = [thrown(begun('nonsense')), thrown(begun(gone))]
        }),
      ).toBe(0)
      expect(errors.map(({ _tag, path }) => [_tag, path])).toEqual([
        ['InvalidLeaf', 'params.b'],
        ['Disposed', 'params.b'],
      ])
    })
  })
})
