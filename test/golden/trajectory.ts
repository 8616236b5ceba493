/**
 * Feeds a transformation as the golden run was fed, and compares what comes out at every recorded step.
 */
import * as tf from '@tensorflow/tfjs-core'
import { tidily } from '../../laws/tensor.js'
import type { LeafSpec } from '../../src/rule/leaf.js'
import { applyUpdates, step } from '../../src/transform/step.js'
import type { ExtraArgs, GradientTransformation } from '../../src/transform/transformation.js'
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
  float64,
  type GoldenCase,
  type GoldenInputs,
  type GoldenTree,
  type Json,
  type Kind,
  type Leaf,
  type Numbers,
  numbersOf,
  tensor,
} from './golden.js'

type Leaves = Tree<Leaf>

/** A case's inputs as trees of numbers. */
interface Fed {
  readonly params0: Tree<Numbers>
  readonly grads: readonly Tree<Numbers>[]
  /** The extra arguments of an update, from 0; a scalar is a number, or a tensor where the leaves are and it may. */
  readonly extraArgs: (step: number, kind: Kind) => ExtraArgs
}

const extraArgsOf =
  ({ extra = [] }: GoldenCase, { values }: GoldenInputs): Fed['extraArgs'] =>
  (step, kind) => {
    for (const name of extra) if (name !== 'value') throw new Error(`no way to give ${name} to update`)
    const value = values[step]
    if (extra.length === 0 || value === undefined) return {}
    const numbers = numbersOf(value)
    return { value: kind === tensor ? kind.leaf(numbers) : numbers.data[0] }
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
    kind === tensor ? shape.length : (ranks.get(showPath(path)) ?? Number.NaN)
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
  { params0, grads, extraArgs }: Fed,
  kind: Kind,
): readonly Difference[] => {
  const tolerance = kind.tolerance(golden.f32_dev)
  const differences: Difference[] = []
  const first = encode(kind, params0)
  let state = watched('init', differences, () => tx.init(first))
  for (const [i, gradients] of grads.entries()) {
    const [given, params] = [encode(kind, gradients), encode(kind, params0, 1 + i / 16)]
    const before = state
    const extra = extraArgs(i, kind)
    const where = `update ${i + 1}`
    const [updates, next] = watched(where, differences, () => tx.update(given, before, params, extra))
    state = next
    const expected = recordedAt(golden.updates ?? {}, i + 1)
    if (expected !== undefined) differences.push(...compare(`update ${i + 1}`, expected, updates, tolerance))
  }
  return [...differences, ...stateDifferences('state', golden, state, kind)]
}

const stateDifferences = (
  path: string,
  golden: GoldenCase,
  state: unknown,
  kind: Kind,
): readonly Difference[] => {
  const named = `${golden.name} ${JSON.stringify(golden.config)}`
  const own = stateDeviations[`${named} on ${golden.inputs}`] ?? stateDeviations[named] ?? 0
  const deviation = kind === float64 ? golden.f32_dev : Math.max(golden.f32_dev, own)
  return compareState(path, golden.state, state, kind.stateTolerance(deviation), stateNotes)
}

/** An optimizer: the parameters move by its updates, in either way to make a step. */
const followParams = (
  tx: GradientTransformation,
  golden: GoldenCase,
  { params0, grads, extraArgs }: Fed,
  kind: Kind,
): readonly Difference[] => {
  const differences: Difference[] = []
  const ways = {
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
  for (const [way, move] of Object.entries(ways)) {
    let params = encode(kind, params0)
    let state = tx.init(params)
    for (const [i, gradients] of grads.entries()) {
      const where = `${way}, params ${i + 1}`
      const [before, given] = [[params, state] as const, encode(kind, gradients)]
      const extra = extraArgs(i, kind)
      const [moved, next] = watched(where, differences, () => move(...before, given, extra))
      params = moved
      state = next
      const expected = recordedAt(golden.params ?? {}, i + 1)
      const tolerance = kind.tolerance(golden.f32_dev)
      if (expected !== undefined) differences.push(...compare(where, expected, params, tolerance))
    }
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

/** Every recorded leaf's distance from its golden value, and every tensor that was left behind. */
export const follow = (
  library: Library,
  golden: GoldenCase,
  inputs: GoldenInputs,
  kind: Kind,
): readonly Difference[] =>
  tidily(() => {
    const fed = {
      params0: decode(inputs.params0),
      grads: inputs.grads.map(decode),
      extraArgs: extraArgsOf(golden, inputs),
    }
    const tx = transformationOf(library, golden, fed.params0, kind)
    return golden.params === undefined
      ? followUpdates(tx, golden, fed, kind)
      : followParams(tx, golden, fed, kind)
  })
