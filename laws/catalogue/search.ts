/** Quasi-Newton steps and line searches, and their laws. */
import {
  chain,
  lbfgs,
  scale,
  scaleByBacktrackingLinesearch,
  scaleByLbfgs,
  scaleByLearningRate,
  scaleByZoomLinesearch,
} from '../../src/index.js'
import { closedForm, sameAs } from '../closedForm.js'
import { reflection, reshape } from '../equivariance.js'
import type { TxLaw } from '../law.js'
import { onParaboloid, secant } from '../search.js'
import { within } from '../violation.js'
import { type CatalogueRow, row } from './row.js'

const square = (x: Float64Array): number => x.reduce((sum, xi) => sum + xi * xi, 0)

/** A search on a paraboloid ends in a step of gradient descent. */
const descends = (rate: number): TxLaw =>
  sameAs({
    name: 'descends',
    statement: `the step on the paraboloid is ${rate} times the gradient`,
    other: () => scale(-rate),
    tolerance: { ulps: 4, floor: 1e-9 },
    // where a step is tiny beside the parameters, rounding decides
    draws: { grads: 'positive', params: 'positive' },
    kinds: ['number', 'float64'],
  })

export const search: readonly CatalogueRow[] = [
  row('scaleByLbfgs()', () => scaleByLbfgs(), [
    secant,
    reflection,
    reshape,
    closedForm({
      name: 'firstStep',
      statement: 'the first step is the gradient, of length 1 if it is longer',
      formula: ({ g, leafG }) => g * Math.min(1, 1 / Math.sqrt(square(leafG))),
      steps: 1,
      single: true,
      tolerance: within(8),
    }),
  ]),
  row(
    'scaleByLbfgs({ memorySize: 1, scaleInitPrecond: false })',
    () => scaleByLbfgs({ memorySize: 1, scaleInitPrecond: false }),
    [
      secant,
      reflection,
      reshape,
      closedForm({
        name: 'unscaled',
        statement: 'the first step is the gradient',
        formula: ({ g }) => g,
        steps: 1,
        tolerance: within(0),
      }),
    ],
  ),
  row(
    'lbfgs(0.5, { memorySize: 2, linesearch: null })',
    () => lbfgs(0.5, { memorySize: 2, linesearch: null }),
    [
      reflection,
      sameAs({
        name: 'chained',
        statement: 'lbfgs without a line search = chain(scaleByLbfgs, scaleByLearningRate)',
        other: () => chain(scaleByLbfgs({ memorySize: 2 }), scaleByLearningRate(0.5)),
      }),
    ],
    (learningRate) => lbfgs(learningRate, { linesearch: null }),
  ),
  row('scaleByBacktrackingLinesearch(20)', () => onParaboloid(1, scaleByBacktrackingLinesearch(20)), [
    descends(1),
  ]),
  row(
    'scaleByBacktrackingLinesearch(20, { decreaseFactor: 0.5, increaseFactor: Infinity, storeGrad: true })',
    () =>
      onParaboloid(
        6,
        scaleByBacktrackingLinesearch(20, {
          decreaseFactor: 0.5,
          increaseFactor: Number.POSITIVE_INFINITY,
          storeGrad: true,
        }),
      ),
    [descends(0.25)],
  ),
  row('scaleByZoomLinesearch(20)', () => onParaboloid(1, scaleByZoomLinesearch(20)), [descends(1)]),
]
