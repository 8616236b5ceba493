/** Blocks that watch, repair, accumulate or map updates, and their laws. */
import {
  applyEvery,
  clip,
  ema,
  identity,
  keepParamsNonnegative,
  max,
  measureWithEma,
  monitor,
  norm,
  scaleByParamBlockNorm,
  select,
  snapshot,
  stateless,
  statelessWithTreeMap,
  type Tree,
  tree,
  zeroNans,
} from '../../src/index.js'
import type { Block } from '../block.js'
import { averaged, everyUpdate, sameAs, zeroGradient } from '../closedForm.js'
import { homogeneity, leafwise } from '../equivariance.js'
import { arrayKinds } from '../kind.js'
import { equally, exactly, within } from '../violation.js'
import { corrected, forms, norm as normOf, summed } from './forms.js'
import { agreeing, elementwise, linear, odd, treeNorms } from './groups.js'
import { at, eachLeaf, elementAt, everything, keeps, one } from './kept.js'
import { type CatalogueRow, row } from './row.js'

/** A block that only watches passes all numbers through. */
const onlyWatches = sameAs({
  name: 'onlyWatches',
  statement: 'the updates are the gradients',
  other: identity,
  draws: { grads: 'special' },
})

const lengthOf = (blocks: Tree<Block> | undefined): number => Math.hypot(...everything(blocks))

const savedUp = (k: number) =>
  forms(
    `every ${k}th step gives out the sum since the last, the others nothing`,
    ({ g, t, f }) => (t % k === 0 ? g * summed(k, (s) => f(t - k + s)) : 0),
    within(4),
  )

const clipped = clip(1.5)

export const watching: readonly CatalogueRow[] = [
  row('applyEvery({ k: 4 })', () => applyEvery({ k: 4 }), [
    ...linear,
    zeroGradient,
    agreeing(8, 0),
    ...savedUp(4),
  ]),
  row('applyEvery({ k: 3 })', () => applyEvery({ k: 3 }), [
    ...savedUp(3),
    everyUpdate({
      name: 'silence',
      statement: 'between these steps the update is zero, whatever the gradients',
      draws: { grads: 'special', steps: 8 },
      holds: ({ t, u }) => t % 3 === 0 || u === 0,
    }),
  ]),
  row('applyEvery()', () => applyEvery(), [onlyWatches]),
  row('keepParamsNonnegative()', keepParamsNonnegative, [
    ...elementwise,
    agreeing(0, 0),
    everyUpdate({
      name: 'nonnegative',
      statement: 'p + u ≥ 0',
      draws: { params: 'positive' },
      holds: ({ p, u }) => p + u >= 0,
    }),
    ...forms('u = max(g, −p)', ({ g, p, t, f }) => Math.max(g * f(t), -p), equally),
  ]),
  row('zeroNans()', zeroNans, [
    ...elementwise,
    ...odd,
    homogeneity,
    agreeing(0, 0),
    everyUpdate({
      name: 'numbersStay',
      statement: 'u = 0 where g is NaN, and g elsewhere',
      draws: { grads: 'special' },
      holds: ({ u, now }) => Object.is(u, Number.isNaN(now) ? 0 : now),
    }),
    keeps({
      name: 'foundNan',
      statement: 'foundNan is 1 for a leaf that has a NaN, else 0',
      part: at('foundNan'),
      value: ({ far, params }) => eachLeaf((data) => (data.some(Number.isNaN) ? 1 : 0))(far.at(-1) ?? params),
      tolerance: exactly,
      kinds: arrayKinds,
      fromStart: true,
      grads: 'special',
    }),
  ]),
  row('stateless((u) => u)', () => stateless((u) => u), [onlyWatches, leafwise]),
  row('stateless((u) => clip(1.5).update(u, {})[0])', () => stateless((u) => clipped.update(u, {})[0]), [
    ...elementwise,
    ...odd,
    sameAs({
      name: 'ofWholeTrees',
      statement: 'a stateless transformation as a function',
      other: () => clipped,
      draws: { grads: 'special' },
    }),
  ]),
  row('stateless((u, p) => …)', () => stateless((u, p) => scaleByParamBlockNorm().update(u, {}, p)[0]), [
    sameAs({
      name: 'ofParameters',
      statement: 'the function receives the parameters',
      other: () => scaleByParamBlockNorm(),
    }),
  ]),
  row(
    'statelessWithTreeMap((u, p) => u.sign().mul(p.abs()))',
    () => statelessWithTreeMap((u, p) => u.sign().mul(p.abs())),
    [
      ...elementwise,
      ...odd,
      zeroGradient,
      agreeing(0, 0),
      ...forms('u = sign(g)·|p|', ({ g, p, t, f }) => Math.sign(g * f(t)) * Math.abs(p), equally),
    ],
  ),
  row("snapshot('norm', (u) => norm(u, 'tree'))", () => snapshot('norm', (u) => norm(u, 'tree')), [
    onlyWatches,
    keeps({
      name: 'oneForTheTree',
      statement: 'the state holds ‖g‖, and ‖p‖ before the first step',
      part: at('measurement', 'norm'),
      value: ({ far, params }) => one(lengthOf(far.at(-1) ?? params)),
      tolerance: within(8),
      fromStart: true,
    }),
  ]),
  row("snapshot('count', (u) => norm(u, 'leaf'))", () => snapshot('count', (u) => norm(u, 'leaf')), [
    onlyWatches,
    keeps({
      name: 'oneForEachLeaf',
      statement: 'the state holds ‖g‖ of each leaf',
      part: at('measurement', 'count'),
      value: ({ far, params }) => eachLeaf(normOf)(far.at(-1) ?? params),
      tolerance: within(8),
      kinds: arrayKinds,
      fromStart: true,
    }),
  ]),
  row("snapshot('last', (u) => u)", () => snapshot('last', (u) => u), [
    onlyWatches,
    keeps({
      name: 'oneForEachElement',
      statement: 'the state holds g',
      part: at('measurement', 'last'),
      value: ({ far, params }) => far.at(-1) ?? params,
      tolerance: exactly,
      kinds: arrayKinds,
      fromStart: true,
    }),
  ]),
  row("measureWithEma((u) => norm(u, 'tree'), 0.9)", () => measureWithEma((u) => norm(u, 'tree'), 0.9), [
    ...treeNorms,
    ...forms(
      'u is the weighted mean of the norms',
      ({ t, f, leafG }) => normOf(leafG) * corrected(0.9, t, f),
      within(24),
      { single: true, grads: 'moderate' },
    ),
  ]),
  row(
    "measureWithEma((u) => max(u, 'leaf'), 0.8, { debias: false })",
    () => measureWithEma((u) => max(u, 'leaf'), 0.8, { debias: false }),
    [
      ...forms(
        'u is the average of the greatest elements, leaf by leaf',
        ({ t, f, leafG }) => Math.max(...leafG) * averaged(0.8, t, f),
        within(24),
        { grads: 'positive', kinds: arrayKinds },
      ),
    ],
  ),
  row('measureWithEma((u) => u, 0.9)', () => measureWithEma((u) => u, 0.9), [
    sameAs({ name: 'elements', statement: 'of the elements themselves, it is ema', other: () => ema(0.9) }),
  ]),
  row(
    "monitor({ norm: (u) => norm(u, 'tree'), long: measureWithEma((u) => select(norm(u, 'tree').gt(4), 1, 0), 0.9), mean: ema(0.5) })",
    () =>
      monitor({
        norm: (u) => norm(u, 'tree'),
        long: measureWithEma((u) => select(norm(u, 'tree').gt(4), 1, 0), 0.9),
        mean: ema(0.5),
      }),
    [
      onlyWatches,
      keeps({
        name: 'norm',
        statement: 'a measurement is ‖g‖',
        part: at('measurements', 'norm'),
        value: ({ far }) => one(lengthOf(far.at(-1))),
        tolerance: within(8),
      }),
      keeps({
        name: 'long',
        statement: 'a measurement is the moving frequency of ‖g‖ > 4',
        part: at('measurements', 'long'),
        value: ({ far }) => one(corrected(0.9, far.length, (t) => (lengthOf(far[t - 1]) > 4 ? 1 : 0))),
        tolerance: within(24),
      }),
      ...[
        { part: at('measureStates', '2', 'ema'), average: averaged, where: 'its own state' },
        { part: at('measurements', 'mean'), average: corrected, where: 'the measurements, corrected' },
      ].map(({ part, average, where }, i) =>
        keeps({
          name: `mean${i}`,
          statement: `a measurement is the average of the gradients, in ${where}`,
          part,
          value: ({ far }) =>
            tree.mapWithPath((path, block: Block) =>
              block.map((_, j) => average(0.5, far.length, (t) => elementAt(far[t - 1], path, j))),
            )(far[0] ?? null),
          tolerance: within(24),
          kinds: arrayKinds,
        }),
      ),
    ],
  ),
]
