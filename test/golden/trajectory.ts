/**
 * Feeds a transformation as the golden run was fed, and compares what comes out at every recorded step.
 */
import * as tf from '@tensorflow/tfjs-core'
import { tidily } from '../../laws/tensor.js'
import type { ExtraArgs } from '../../src/program/program.js'
import type { LeafSpec } from '../../src/rule/leaf.js'
import { applyUpdates, step } from '../../src/transform/step.js'
import type { GradientTransformation } from '../../src/transform/transformation.js'
import { leaves, showPath, type Tree } from '../../src/tree/index.js'
import { type ScheduleFreeState, scheduleFreeEvalParams } from '../../src/wrapper/scheduleFree.js'
import { catalogue, type Library } from './catalogue.js'
import { stateDeviations, stateNotes } from './coverage.js'
import {
  compare,
  compareState,
  type Difference,
  decode,
  encode,
  type GoldenCase,
  type GoldenInputs,
  type GoldenTree,
  hasAxes,
  isDouble,
  type Json,
  type Kind,
  type Leaf,
  type Numbers,
  tensor,
} from './golden.js'

type Leaves = Tree<Leaf>

/** A case's inputs as trees of numbers, and what each step is given besides. */
interface Fed {
  readonly params0: Tree<Numbers>
  readonly grads: readonly Tree<Numbers>[]
  readonly extraArgs: (step: number) => ExtraArgs
  /** How an optimizer makes its steps. */
  readonly ways: readonly Way[]
  /** Whether all steps are taken: what is recorded of a state is of that after the last. */
  readonly isWhole: boolean
}

/** The ways to make a step. */
export type Way = 'update, applyUpdates' | 'step'

const bothWays: readonly Way[] = ['update, applyUpdates', 'step']

/** How far a case is followed: by default all of its steps, in both ways. */
export interface Following {
  readonly ways?: readonly Way[]
  readonly steps?: number
}

/** The transformation that a case describes, for inputs of these shapes, on leaves of this kind. */
export const transformationOf = (
  library: Library,
  spec: Pick<GoldenCase, 'name' | 'args' | 'config' | 'call'>,
  params: Tree<Numbers>,
  kind: Kind,
): GradientTransformation => {
  const ranks = new Map(leaves(params).map(([path, { shape }]) => [showPath(path), shape.length]))
  const rankOf = ({ path, shape }: LeafSpec): number =>
    hasAxes(kind) ? shape.length : (ranks.get(showPath(path)) ?? Number.NaN)
  const { name, args, config, call } = spec
  const json: Json = { name, config, ...(args && { args }), ...(call && { call }) }
  // the catalogue calls functions that it finds by name; that this one made a transformation shows when it runs
  return catalogue(library, rankOf)(json) as GradientTransformation
}

const tensorsIn = (node: unknown): readonly tf.Tensor[] =>
  node instanceof tf.Tensor
    ? [node]
    : typeof node === 'object' && node !== null && !ArrayBuffer.isView(node)
      ? Object.values(node).flatMap(tensorsIn)
      : []

/** Runs `make`; what it leaves behind beyond the tensors that it returns is a difference. */
const watched = <A>(what: string, leaks: Difference[], make: () => A): A => {
  const before = tf.memory().numTensors
  const made = make()
  // where leaves are arrays there is none, and none to look for
  if (before === 0 && tf.memory().numTensors === 0) return made
  const [grown, returned] = [tf.memory().numTensors - before, new Set(tensorsIn(made)).size]
  if (grown !== returned) {
    const message = `${grown} more tensors are alive, of which ${returned} were returned`
    leaks.push({ path: what, ratio: Number.POSITIVE_INFINITY, message })
  }
  return made
}

const recordedAt = (trees: Readonly<Record<string, GoldenTree>>, step: number): GoldenTree | undefined =>
  trees[String(step)]

/**
 * A building block: update n (from 1) is given the parameters `params0 · (1 + (n − 1)/16)`, and nothing is
 * applied.
 */
const followUpdates = (
  tx: GradientTransformation,
  golden: GoldenCase,
  { params0, grads, extraArgs, isWhole }: Fed,
  kind: Kind,
): readonly Difference[] => {
  const tolerance = kind.tolerance(golden.f32_dev)
  const differences: Difference[] = []
  const first = encode(kind, params0)
  let state = watched('init', differences, () => tx.init(first))
  for (const [i, gradients] of grads.entries()) {
    const [given, params] = [encode(kind, gradients), encode(kind, params0, 1 + i / 16)]
    const [before, extra] = [state, extraArgs(i)]
    const [updates, next] = watched(`update ${i + 1}`, differences, () =>
      tx.update(given, before, params, extra),
    )
    state = next
    const expected = recordedAt(golden.updates ?? {}, i + 1)
    if (expected !== undefined) differences.push(...compare(`update ${i + 1}`, expected, updates, tolerance))
  }
  return isWhole ? [...differences, ...stateDifferences('state', golden, state, kind)] : differences
}

const stateDifferences = (
  path: string,
  golden: GoldenCase,
  state: unknown,
  kind: Kind,
): readonly Difference[] => {
  const named = `${golden.name} ${JSON.stringify(golden.config)}`
  const own = stateDeviations[`${named} on ${golden.inputs}`] ?? stateDeviations[named] ?? 0
  const deviation = isDouble(kind) ? golden.f32_dev : Math.max(golden.f32_dev, own)
  return compareState(path, golden.state, state, kind.stateTolerance(deviation), stateNotes)
}

const isLookahead = (node: GoldenTree): node is { readonly [key: string]: GoldenTree } =>
  new Map<string, unknown>(Object.entries(node ?? {})).get('type') === 'LookaheadParams'

/** Parameters as they are recorded; those of lookahead, a named tuple, as a record. */
export const recordedParams = (recorded: GoldenTree): GoldenTree => {
  if (!isLookahead(recorded)) return recorded
  const { type: _, ...pair } = recorded
  return pair
}

/** The first parameters; of lookahead a pair. */
export const firstParams = ({ params = {} }: GoldenCase, params0: Tree<Numbers>, kind: Kind): Leaves =>
  Object.values(params).some(isLookahead)
    ? { fast: encode(kind, params0), slow: encode(kind, params0) }
    : encode(kind, params0)

/** An optimizer: the parameters move by its updates, in each way to make a step. */
const followParams = (
  tx: GradientTransformation,
  golden: GoldenCase,
  { params0, grads, extraArgs, ways, isWhole }: Fed,
  kind: Kind,
): readonly Difference[] => {
  const differences: Difference[] = []
  const moves = {
    'update, applyUpdates': (
      params: Leaves,
      state: unknown,
      given: Leaves,
      extra: ExtraArgs,
    ): readonly [Leaves, unknown] => {
      const [updates, next] = tx.update(given, state, params, extra)
      const moved = applyUpdates(params, updates)
      tf.dispose([...tensorsIn(updates)])
      return [moved, next]
    },
    step: step(tx),
  }
  for (const way of ways) {
    const move = moves[way]
    let params = firstParams(golden, params0, kind)
    let state = tx.init(params)
    for (const [i, gradients] of grads.entries()) {
      const where = `${way}, params ${i + 1}`
      const before = [params, state] as const
      const [given, extra] = [encode(kind, gradients), extraArgs(i)]
      const [moved, next] = watched(where, differences, () => move(...before, given, extra))
      params = moved
      state = next
      const expected = recordedAt(golden.params ?? {}, i + 1)
      const tolerance = kind.tolerance(golden.f32_dev)
      if (expected !== undefined)
        differences.push(...compare(where, recordedParams(expected), params, tolerance))
    }
    if (!isWhole) continue
    differences.push(...stateDifferences(`${way}, state`, golden, state, kind))
    if (golden.eval_params !== undefined) {
      // a case that has them made a state that has what they are made of
      const averaged = state as ScheduleFreeState<unknown>
      const where = `${way}, eval params`
      const found = watched(where, differences, () => scheduleFreeEvalParams(averaged, params))
      differences.push(...compare(where, golden.eval_params, found, kind.tolerance(golden.f32_dev)))
    }
  }
  return differences
}

/** The ways to give a loss to `update`: a number, and beside tensors a scalar one. */
const valuesAs = (kind: Kind): Readonly<Record<string, (value: number) => unknown>> => ({
  'a number': (value) => value,
  ...(kind === tensor && { 'a tensor': (value: number) => tf.scalar(value) }),
})

/** What each step is given under the names that a case asks for. */
const extraArgsOf = (
  names: readonly string[],
  { values }: GoldenInputs,
  valueAs: (value: number) => unknown,
): Fed['extraArgs'] => {
  const unknown = names.filter((name) => name !== 'value')
  if (unknown.length > 0) throw new Error(`no way to give ${unknown.join(', ')} to update`)
  return (step) => {
    const value = values[step]?.data[0]
    if (value === undefined) throw new Error(`there is no value of step ${step}`)
    return { value: valueAs(Number(value)) }
  }
}

/** Every recorded leaf's distance from its golden value, and every tensor that was left behind. */
export const follow = (
  library: Library,
  golden: GoldenCase,
  inputs: GoldenInputs,
  kind: Kind,
  { ways = bothWays, steps = inputs.grads.length }: Following = {},
): readonly Difference[] =>
  tidily(() => {
    const { extra = [] } = golden
    const trees = {
      params0: decode(inputs.params0),
      grads: inputs.grads.slice(0, steps).map(decode),
      ways,
      isWhole: steps >= inputs.grads.length,
    }
    const tx = transformationOf(library, golden, trees.params0, kind)
    const followed = golden.params === undefined ? followUpdates : followParams
    if (extra.length === 0) return followed(tx, golden, { ...trees, extraArgs: () => ({}) }, kind)
    return Object.entries(valuesAs(kind)).flatMap(([as, valueAs]) => {
      const extraArgs = extraArgsOf(extra, inputs, valueAs)
      return followed(tx, golden, { ...trees, extraArgs }, kind).map((difference) => ({
        ...difference,
        path: `value as ${as}, ${difference.path}`,
      }))
    })
  })
