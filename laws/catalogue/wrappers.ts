/** Chains and wrappers, and their laws. */
import {
  adam,
  andThen,
  centralize,
  chain,
  clip,
  freeze,
  injectHyperparams,
  masked,
  partition,
  scale,
  scaleByAdam,
  sgd,
  trace,
} from '../../src/index.js'
import { sameAs } from '../closedForm.js'
import { leafwise } from '../equivariance.js'
import { elementwise, odd } from './groups.js'
import { type CatalogueRow, row } from './row.js'

const byRank = ({ shape }: { readonly shape: readonly number[] }): boolean => shape.length > 0

export const wrappers: readonly CatalogueRow[] = [
  row('chain(clip(1.5), scaleByAdam(), scale(-0.1))', () => chain(clip(1.5), scaleByAdam(), scale(-0.1)), [
    ...elementwise,
    ...odd,
  ]),
  row('chain(trace(0.9), centralize(), scale(-0.1))', () => chain(trace(0.9), centralize(), scale(-0.1)), [
    leafwise,
  ]),
  row('andThen(scale(-0.1))(trace(0.9))', () => andThen(scale(-0.1))(trace(0.9)), [
    sameAs({
      name: 'dataLast',
      statement: 'andThen(b)(a) = chain(a, b)',
      other: () => chain(trace(0.9), scale(-0.1)),
      states: true,
    }),
  ]),
  row('masked(scaleByAdam(), ({ shape }) => shape.length > 0)', () => masked(scaleByAdam(), byRank), [
    ...odd,
    leafwise,
  ]),
  row('freeze(({ shape }) => shape.length > 0)', () => freeze(byRank), [...odd, leafwise]),
  row(
    "partition({ adam: adam(0.1), sgd: sgd(0.1) }, ({ shape }) => (shape.length > 0 ? 'adam' : 'sgd'))",
    () => partition({ adam: adam(0.1), sgd: sgd(0.1) }, (leaf) => (byRank(leaf) ? 'adam' : 'sgd')),
    [...odd, leafwise],
  ),
  row(
    'injectHyperparams((h: { learningRate: number }) => adam(h.learningRate))({ learningRate: 0.1 })',
    () =>
      injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({
        learningRate: 0.1,
      }),
    [
      ...elementwise,
      ...odd,
      sameAs({ name: 'injected', statement: 'injectHyperparams(f)(h) = f(h)', other: () => adam(0.1) }),
    ],
  ),
]
