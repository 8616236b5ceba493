/** Wrappers that choose between steps, and their laws. */
import {
  adam,
  applyIfFinite,
  chain,
  conditionallyMask,
  conditionallyTransform,
  freeze,
  maybeUpdate,
  multiSteps,
  namedChain,
  scale,
  selectiveTransform,
  setToZero,
  sgd,
  skipLargeUpdates,
  skipNotFinite,
  trace,
} from '../../src/index.js'
import { closedForm, sameAs, varied } from '../closedForm.js'
import { leafwise } from '../equivariance.js'
import { within } from '../violation.js'
import { elementwise, odd } from './groups.js'
import { type CatalogueRow, row } from './row.js'
import { ordinary } from './surrounding.js'

const byRank = ({ shape }: { readonly shape: readonly number[] }): boolean => shape.length > 0

const isEven = (step: number): boolean => step % 2 === 0

/** Heavy-ball momentum of 0.5 in steps 1, 3, 5 … alone. */
const oddSteps = (t: number): number =>
  Array.from({ length: t }, (_, i) =>
    isEven(i) ? varied(i + 1) * 0.5 ** Math.floor((t - 1 - i) / 2) : 0,
  ).reduce((sum, x) => sum + x, 0)

/** The sum of the last three factors, up to step t. */
const three = (t: number): number => varied(t - 2) + varied(t - 1) + varied(t)

/** The last of each group of steps: first a group of one, then groups of two. */
const growing = (gradientStep: number): number => (gradientStep === 0 ? 1 : 2)

export const steps: readonly CatalogueRow[] = [
  row(
    `namedChain(['momentum', trace(0.9)], ['rate', scale(-0.1)])`,
    () => namedChain(['momentum', trace(0.9)], ['rate', scale(-0.1)]),
    [
      ...elementwise,
      ...odd,
      sameAs({
        name: 'named',
        statement: 'namedChain of pairs is chain of the transformations',
        other: () => chain(trace(0.9), scale(-0.1)),
      }),
    ],
  ),
  row(
    'selectiveTransform(adam(0.1), ({ shape }) => shape.length > 0)',
    () => selectiveTransform(adam(0.1), byRank),
    [
      ...odd,
      leafwise,
      sameAs({
        name: 'frozen',
        statement: 'selectiveTransform(f, mask) = chain(f, freeze(mask))',
        other: () => chain(adam(0.1), freeze(byRank)),
      }),
    ],
  ),
  row(
    'conditionallyTransform(trace(0.5), (step) => step % 2 === 0)',
    () => conditionallyTransform(trace(0.5), isEven),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'passes',
        statement: 'in steps 1, 3, 5 … momentum of these steps alone, otherwise the gradient',
        signal: varied,
        formula: ({ g, t }) => g * (isEven(t - 1) ? oddSteps(t) : varied(t)),
        tolerance: within(4),
      }),
    ],
  ),
  row(
    'maybeUpdate(ordinary(trace(0.5)), (step) => step % 2 === 0)',
    () => maybeUpdate(ordinary(trace(0.5)), isEven),
    [
      ...odd,
      sameAs({
        name: 'earlierName',
        statement: 'maybeUpdate = conditionallyTransform, whatever its inner transformation',
        other: () => conditionallyTransform(trace(0.5), isEven),
        states: true,
      }),
    ],
  ),
  row(
    'conditionallyMask(trace(0.5), (step) => step % 2 === 0)',
    () => conditionallyMask(trace(0.5), isEven),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'zeroes',
        statement: 'in steps 1, 3, 5 … momentum of these steps alone, otherwise zero',
        signal: varied,
        formula: ({ g, t }) => (isEven(t - 1) ? g * oddSteps(t) : 0),
        tolerance: { ulps: 4, floor: 0 },
      }),
    ],
  ),
  row(
    'conditionallyMask(ordinary(adam(0.1)), (step) => step % 2 === 0)',
    () => conditionallyMask(ordinary(adam(0.1)), isEven),
    [
      ...odd,
      sameAs({
        name: 'aroundPairs',
        statement: 'conditionallyMask is the same around rules and around a pair of functions',
        other: () => conditionallyMask(adam(0.1), isEven),
        states: true,
      }),
    ],
  ),
  row('multiSteps(sgd(0.5), 3)', () => multiSteps(sgd(0.5), 3), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'meanOfThree',
      statement: 'in steps 3, 6, 9 … the inner step by the mean of three gradients, otherwise zero',
      signal: varied,
      formula: ({ g, t }) => (t % 3 === 0 ? (-0.5 * g * three(t)) / 3 : 0),
      tolerance: { ulps: 8, floor: 0 },
    }),
  ]),
  row(
    'multiSteps(sgd(0.5), 3, { useGradMean: false })',
    () => multiSteps(sgd(0.5), 3, { useGradMean: false }),
    [
      ...elementwise,
      ...odd,
      closedForm({
        name: 'sumOfThree',
        statement: 'in steps 3, 6, 9 … the inner step by the sum of three gradients, otherwise zero',
        signal: varied,
        formula: ({ g, t }) => (t % 3 === 0 ? -0.5 * g * three(t) : 0),
        tolerance: { ulps: 8, floor: 0 },
      }),
    ],
  ),
  row('multiSteps(ordinary(adam(0.1)), 2)', () => multiSteps(ordinary(adam(0.1)), 2), [
    ...odd,
    sameAs({
      name: 'accumulatesAroundPairs',
      statement: 'multiSteps is the same around rules and around a pair of functions',
      other: () => multiSteps(adam(0.1), 2),
      states: true,
    }),
  ]),
  row('multiSteps(trace(0.9), 1)', () => multiSteps(trace(0.9), 1), [
    ...elementwise,
    ...odd,
    sameAs({ name: 'every', statement: 'multiSteps(f, 1) = f', other: () => trace(0.9) }),
  ]),
  row('multiSteps(scale(1), growing)', () => multiSteps(scale(1), growing), [
    ...elementwise,
    ...odd,
    closedForm({
      name: 'growing',
      statement: 'one step by one gradient, then in every second step one by the mean of two',
      signal: varied,
      formula: ({ g, t }) => (t === 1 ? g : t % 2 === 0 ? 0 : (g * (varied(t - 1) + varied(t))) / 2),
      tolerance: { ulps: 8, floor: 0 },
    }),
  ]),
  row(
    'multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipNotFinite })',
    () => multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipNotFinite }),
    [
      ...odd,
      sameAs({
        name: 'allFinite',
        statement: 'if all gradients are finite, none is skipped',
        other: () => multiSteps(sgd(0.5), 2),
      }),
    ],
  ),
  row(
    'multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipLargeUpdates(0) })',
    () => multiSteps(sgd(0.5), 2, { shouldSkipUpdateFn: skipLargeUpdates(0) }),
    [
      ...odd,
      sameAs({
        name: 'noneIsSmall',
        statement: 'no norm is below 0, so all gradients are skipped',
        other: setToZero,
      }),
    ],
  ),
  row('applyIfFinite(adam(0.1), 2)', () => applyIfFinite(adam(0.1), 2), [
    ...odd,
    sameAs({
      name: 'finiteIsApplied',
      statement: 'applyIfFinite(f) = f where all gradients are finite',
      other: () => adam(0.1),
    }),
  ]),
]
