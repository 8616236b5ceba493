/** Extra arguments that are missing or of another kind, and labels that do not fit: told before anything changes. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  adamw,
  addDecayedWeights,
  chain,
  type GradientTransformation,
  hutchinsonEstimatorDiagHessian,
  identity,
  injectHyperparams,
  lars,
  lbfgs,
  masked,
  momo,
  momoAdam,
  multiSteps,
  namedChain,
  type Params,
  partition,
  polyakSgd,
  reduceOnPlateau,
  sam,
  scaleByBacktrackingLinesearch,
  scaleByPolyak,
  scaleByZoomLinesearch,
  selectiveTransform,
  sgd,
  sophia,
} from '../../src/index.js'
import { numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

beforeAll(() => useBackend('cpu'))

type Open = GradientTransformation<unknown, Readonly<Record<string, unknown>>>

/** What takes extra arguments, as a caller without a compiler sees it. */
const open = <S, X>(tx: GradientTransformation<S, X>): Open => tx as never

const tree = () => ({ w: tf.tensor1d([1, 2]), b: { c: tf.scalar(3) } })

/** What is thrown by an update, which leaves nothing and changes nothing. */
const refusal = (
  tx: Open,
  extraArgs: Readonly<Record<string, unknown>> | undefined,
): readonly [tag: string, path: string] | undefined => {
  let found: readonly [string, string] | undefined
  tf.tidy(() => {
    const [grads, params] = [tree(), tree()]
    const state = tx.init(params)
    const before = tensorsIn([grads, state, params]).map(numbers)
    const left = tensorsLeft(() => {
      const update = (): unknown =>
        extraArgs === undefined
          ? Reflect.apply(tx.update, undefined, [grads, state, params])
          : tx.update<Params>(grads, state, params, extraArgs)
      const error = thrown(update)
      found = [error._tag, error.path]
    })
    expect(left).toBe(0)
    expect(tensorsIn([grads, state, params]).map(numbers)).toEqual(before)
  })
  return found
}

const value = { value: 1 }
const grad = { grad: { w: Float32Array.of(1, 2), b: { c: 3 } } }

/** What is needed, under its name, by which transformations; and what else they are given. */
const rows: readonly (readonly [
  call: string,
  name: string,
  tx: Open,
  besides?: Readonly<Record<string, unknown>>,
])[] = [
  ['scaleByPolyak()', 'value', open(scaleByPolyak())],
  ['polyakSgd()', 'value', open(polyakSgd())],
  ['momo()', 'value', open(momo())],
  ['momoAdam()', 'value', open(momoAdam())],
  ['reduceOnPlateau()', 'value', open(reduceOnPlateau())],
  ['scaleByBacktrackingLinesearch(3)', 'value', open(scaleByBacktrackingLinesearch(3)), grad],
  [
    'scaleByBacktrackingLinesearch(3)',
    'grad',
    open(scaleByBacktrackingLinesearch(3)),
    { ...value, valueFn: () => 1 },
  ],
  [
    'scaleByBacktrackingLinesearch(3)',
    'valueFn',
    open(scaleByBacktrackingLinesearch(3)),
    { ...value, ...grad },
  ],
  [
    'scaleByBacktrackingLinesearch(3, { storeGrad: true })',
    'valueAndGradFn',
    open(scaleByBacktrackingLinesearch(3, { storeGrad: true })),
    { ...value, ...grad, valueFn: () => 1 },
  ],
  ['scaleByZoomLinesearch(3)', 'value', open(scaleByZoomLinesearch(3)), grad],
  ['scaleByZoomLinesearch(3)', 'valueAndGradFn', open(scaleByZoomLinesearch(3)), { ...value, ...grad }],
  ['lbfgs()', 'valueAndGradFn', open(lbfgs()), { ...value, ...grad }],
  ['hutchinsonEstimatorDiagHessian()', 'objFn', open(hutchinsonEstimatorDiagHessian())],
  ['sophia(1)', 'objFn', open(sophia(1))],
  ['sam(sgd(1), sgd(1), { opaqueMode: true })', 'gradFn', open(sam(sgd(1), sgd(1), { opaqueMode: true }))],

  // inside of others
  ['chain(sgd(1), scaleByPolyak())', 'value', open(chain(sgd(1), scaleByPolyak()))],
  ["namedChain(['a', momo()])", 'value', open(namedChain(['a', momo()]))],
  ['masked(scaleByPolyak(), true)', 'value', open(masked(scaleByPolyak(), true))],
  ["partition({ a: momo() }, 'a')", 'value', open(partition({ a: momo() }, 'a'))],
  ['multiSteps(polyakSgd(), 1)', 'value', open(multiSteps(polyakSgd(), 1))],
  [
    'injectHyperparams(polyakSgd)({ scaling: 1 })',
    'value',
    open(injectHyperparams((given: { readonly scaling: number }) => polyakSgd(given))({ scaling: 1 })),
  ],
]

const needs = rows.map(([call, name, tx, besides = {}]) => ({ call, name, tx, besides }))

describe.each(needs)('$call needs $name, and', ({ name, tx, besides }) => {
  test('refuses to go without', () => {
    expect(refusal(tx, besides)).toEqual(['MissingArgument', `extraArgs.${name}`])
    expect(refusal(tx, { ...besides, [name]: undefined })).toEqual(['MissingArgument', `extraArgs.${name}`])
  })

  test('refuses one of another kind', () => {
    for (const wrong of name === 'grad' ? ['nonsense'] : ['nonsense', null, {}, true]) {
      const [tag, path] = refusal(tx, { ...besides, [name]: wrong }) ?? []
      expect(path).toBe(`extraArgs.${name}`)
      expect(['InvalidArgument', 'InvalidLeaf', 'TreeMismatch']).toContain(tag)
    }
  })
})

test('an update with no extra arguments at all is refused as well', () => {
  expect(refusal(open(momo()), undefined)).toEqual(['MissingArgument', 'extraArgs.value'])
  expect(refusal(open(lbfgs()), undefined)?.[0]).toBe('MissingArgument')
})

describe('labels', () => {
  const few = { w: true }
  const odd = (() => 'yes') as never
  const ordinary = <S>({ init, update }: GradientTransformation<S>): GradientTransformation<S> => ({
    init,
    update,
  })

  test.each<readonly [call: string, option: string, make: (mask: never) => GradientTransformation]>([
    ['masked', 'mask', (mask) => masked(sgd(1), mask)],
    ['masked around what is no rule', 'mask', (mask) => masked(ordinary(sgd(1)), mask)],
    ['addDecayedWeights', 'mask', (mask) => addDecayedWeights(0.1, { mask })],
    ['adamw', 'mask', (mask) => adamw(0.1, { mask })],
    ['lars', 'mask', (mask) => lars(0.1, { weightDecayMask: mask })],
    ['lars', 'mask', (mask) => lars(0.1, { trustRatioMask: mask })],
    ['selectiveTransform', 'freezeMask', (mask) => selectiveTransform(sgd(1), mask)],
  ])('%s refuses a tree without a label for a leaf, and what gives no boolean', (_, option, make) => {
    tf.tidy(() => {
      const params = tree()
      const refused = (mask: unknown) => {
        const error = thrown(() => make(mask as never).init(params))
        return [error._tag, error.path]
      }
      expect(
        tensorsLeft(() => {
          expect(refused(few)).toEqual(['TreeMismatch', `${option}.b.c`])
          expect(refused({ ...few, b: { d: true } })).toEqual(['TreeMismatch', `${option}.b.c`])
          expect(refused(odd)).toEqual(['InvalidArgument', expect.stringMatching(`^${option}\\.(w|b\\.c)$`)])
        }),
      ).toBe(0)
    })
  })

  test('partition refuses a label that no transformation has, and a leaf without one', () => {
    tf.tidy(() => {
      const params = tree()
      const refused = (labels: unknown) => {
        const error = thrown(() => partition({ a: sgd(1), b: identity() }, labels as never).init(params))
        return [error._tag, error.path]
      }
      expect(
        tensorsLeft(() => {
          expect(refused({ w: 'a', b: 'c' })).toEqual(['InvalidArgument', 'paramLabels.b'])
          expect(refused({ w: 'a' })).toEqual(['TreeMismatch', 'paramLabels.b.c'])
          expect(refused(() => 1)).toEqual(['InvalidArgument', expect.stringMatching('^paramLabels')])
        }),
      ).toBe(0)
    })
  })
})
