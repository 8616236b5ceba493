/** scaleBySm3: Adagrad's sum of squares, bounded by an accumulator for each index of every axis. */
import { bringAxes } from '../declare/byAxes.js'
import { hyperparameters } from '../declare/hyperparameters.js'
import { GradpipeError } from '../error.js'
import { buildBeside, readBeside } from '../program/beside.js'
import { expectLike, expectPresent } from '../program/expect.js'
import type { Program, Step } from '../program/program.js'
import { share } from '../range.js'
import { Const, type Expr, Gradient, Reduce, Scalar, Slot } from '../rule/expr.js'
import { type Leaf, type LeafSpec, leafSpec, type Params } from '../rule/leaf.js'
import { makeRule, type Rule } from '../rule/rule.js'
import { along, isAxes } from '../rule/scope.js'
import { mix, select, Term } from '../rule/term.js'
import { ofRules } from '../transform/ofRules.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { formOf } from '../tree/align.js'
import { type Path, showPath } from '../tree/path.js'
import { describeNode } from '../tree/tree.js'

/**
 * Options of {@link scaleBySm3}.
 *
 * @category Building blocks
 */
export interface ScaleBySm3Options {
  /** Decay of the momentum, in [0, 1). Default 0.9. */
  readonly b1?: number
  /** Decay of the accumulators; at 1 they are sums. Default 1. */
  readonly b2?: number
  /** Added under the root. Default 1e-8. */
  readonly eps?: number
}

/**
 * State of {@link scaleBySm3}.
 *
 * @category Building blocks
 */
export interface ScaleBySm3State {
  /** Per leaf an array of accumulators: one along each axis; a number has one. */
  readonly mu: Params
  /** The momentum, shaped like the parameters. */
  readonly nu: Params
}

// the rule

/** The most axes that a leaf has; TensorFlow.js knows none with more. */
const MOST = 6

const nameOf = (axis: number): string => `mu.${axis}`

/** A number and a vector have one accumulator, of elements. */
const axesOf = (rank: number): readonly number[] =>
  Array.from({ length: Math.max(1, rank) }, (_, axis) => axis)

const names = ['gain', 'b1', 'b2', 'eps'] as const

/** The rule of leaves with so many axes. It is one for every rank, since it has a slot for each axis. */
const ruleOf = (rank: number): Rule => {
  const scalar = (name: (typeof names)[number]): Term<'host'> => new Term(Scalar(name), 'host')
  const [gain, b1, b2, eps] = [scalar('gain'), scalar('b1'), scalar('b2'), scalar('eps')]
  const g = new Term(Gradient, 'element')
  const mus = axesOf(rank).map((axis) => ({ name: nameOf(axis), extent: along([axis], Math.max(1, rank)) }))
  const least = mus
    .map(({ name, extent }) => new Term(Slot(name, extent), 'element'))
    .reduce((a, b) => a.min(b))
  const sum = gain.mul(g.square()).add(b2.mul(least))
  const scaled = select(sum.gt(0), g.div(sum.add(eps).sqrt()), 0)
  const nu = mix(b1, new Term(Slot('nu', 'element'), 'element'), scaled)
  const next = mus.map(({ name, extent }): readonly [string, Expr] => [
    name,
    isAxes(extent) ? Reduce('max', extent, sum.expr) : sum.expr,
  ])
  return makeRule({
    slots: {
      ...Object.fromEntries(mus.map(({ name, extent }) => [name, { scope: extent, start: Const(0) }])),
      nu: { scope: 'element', start: Const(0) },
    },
    next: { ...Object.fromEntries(next), nu: nu.expr },
    update: nu.expr,
  })
}

const rules: (Rule | undefined)[] = []

const program: Program = {
  rule: ({ path, shape }: LeafSpec) => {
    const { length: rank } = shape
    if (rank > MOST)
      throw new GradpipeError('ShapeMismatch', showPath(path), `a rank of at most ${MOST}`, `rank ${rank}`)
    rules[rank] ??= ruleOf(rank)
    return rules[rank]
  },
  scalars: names,
  slots: [
    ...axesOf(MOST).map((axis) => ({ name: nameOf(axis), scope: 'row' as const })),
    { name: 'nu', scope: 'element' },
  ],
  inputs: [],
}

// the state

/** The accumulators of a leaf, looked at. */
const listOf = (tree: string, path: Path, leaf: Leaf, given: Params): readonly Params[] => {
  const spec = leafSpec(path, leaf)
  const { length } = axesOf(spec.shape.length)
  // a branch that is an array is one of trees
  const list = Array.isArray(given) ? (given as readonly Params[]) : undefined
  if (list?.length !== length)
    throw new GradpipeError(
      'TreeMismatch',
      showPath([tree, ...path]),
      `an array of ${length}`,
      describeNode(given),
    )
  for (const [axis, value] of list.entries()) {
    const place = { tree, path: [...path, axis] }
    // whether it is a leaf at all is found out when it is laid beside the others
    expectPresent(place, value as Leaf | null)
    expectLike(place, { ...spec, shape: spec.shape.slice(axis, axis + 1) }, leaf, value as Leaf)
  }
  return list
}

/** A tree for each axis, of the accumulators along it: of the lists in the state. */
const apart = ({ mu, nu }: ScaleBySm3State, at: string): readonly Params[] => {
  const { form, leaves } = formOf<Leaf>(`${at}.nu`, nu)
  const { column, others } = readBeside(form, mu, `${at}.mu`)
  const lists = leaves.map(({ path, leaf }, i) => {
    const given = column[i] ?? null
    return given === null ? [null] : listOf(`${at}.mu`, path, leaf, given)
  })
  return axesOf(MOST).map((axis) =>
    buildBeside(form, {
      column: lists.map((list) => list[axis] ?? null),
      others: axis === 0 ? others : others.map(() => null),
    }),
  )
}

/** The state with a list for each leaf, of a tree for each axis. */
const together = (slots: readonly Params[]): ScaleBySm3State => {
  const nu = slots[MOST] ?? null
  const { form, leaves } = formOf<Leaf>('state.nu', nu)
  const columns = slots.slice(0, MOST).map((mu) => readBeside(form, mu, 'state.mu'))
  const lists = leaves.map(({ path, leaf }, i) =>
    axesOf(leafSpec(path, leaf).shape.length).map((axis) => columns[axis]?.column[i] ?? null),
  )
  return { mu: buildBeside(form, { column: lists, others: columns[0]?.others ?? [] }), nu }
}

/**
 * Scales updates by SM3, and averages them: Adagrad in little memory.
 *
 * $$\mu_t = \mu_{t-1} + g_t^2 \qquad \nu_t = \beta_1 \nu_{t-1} + (1 - \beta_1) \frac{g_t}{\sqrt{\mu_t + \epsilon}}
 * \qquad u_t = \nu_t$$
 *
 * This holds for vectors and scalars. A tensor has an accumulator $\mu^{(r)}$ for each index
 * of every axis $r$, in place of one for each element:
 *
 * $$a_{ij} = \min(\mu^{(1)}_i, \mu^{(2)}_j) + g_{ij}^2 \qquad
 * \mu^{(1)}_i \leftarrow \max_j a_{ij} \qquad \mu^{(2)}_j \leftarrow \max_i a_{ij}$$
 *
 * A matrix of $m \times n$ keeps $m + n$ numbers besides the momentum. Where every gradient so far was zero, the
 * update is 0. A scalar counts as a vector of length one; Optax does not support scalars. Throws `InvalidArgument`
 * for an unknown option, `ShapeMismatch` for a leaf of more than 6 axes.
 *
 * @category Building blocks
 * @see Anil et al., Memory-Efficient Adaptive Optimization, 2019, algorithm SM3-II; Optax, `scale_by_sm3`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core'
 * import { dispose, scaleBySm3, tree } from 'gradpipe'
 * import 'gradpipe/tfjs'
 *
 * const tx = scaleBySm3({ b1: 0 })
 * const g = tf.tensor2d([[3, 0, 0], [0, 4, 0]])
 * const start = tx.init(g)
 * const [u, state] = tx.update(g, start)
 * assert.deepEqual(Array.from(u.dataSync(), Math.round), [1, 0, 0, 0, 1, 0])
 * // one accumulator for the rows, one for the columns
 * assert.equal(tree.leaves(state.mu).length, 2)
 * dispose(g, u, start, state)
 * ```
 */
export const scaleBySm3 = (given?: ScaleBySm3Options): GradientTransformation<ScaleBySm3State> => {
  const { b1, b2, eps } = hyperparameters('scaleBySm3', { b1: 0.9, b2: 1, eps: 1e-8 }, given, { b2: share })
  bringAxes()
  const scalars = { gain: b2 === 1 ? 1 : 1 - b2, b1, b2, eps }
  const stepFrom = (slots: readonly Params[]): Step<ScaleBySm3State> => ({
    program,
    scalars: Object.values(scalars),
    declared: () => program.scalars.map((name) => ({ _tag: 'Declared', name, among: scalars })),
    slots,
    inputs: [],
    finish: together,
    hold: together,
  })
  return ofRules({
    call: ['scaleBySm3', given],
    begin: () => stepFrom([]),
    resume: (state, at) => {
      for (const name of ['mu', 'nu'] as const)
        if (state?.[name] === undefined)
          throw new GradpipeError('TreeMismatch', `${at}.${name}`, `the rule's state`, 'nothing')
      return stepFrom([...apart(state, at), state.nu])
    },
  })
}
