/** Walks over the written functions: an optimizer finds its own way, each gradient being where the last step has led. */
import * as tf from '@tensorflow/tfjs-core'
import { NdArray } from '../../src/index.js'
import { dispose } from '../../src/program/dispose.js'
import { applyUpdates } from '../../src/transform/step.js'
import type { Library } from './catalogue.js'
import { amplified } from './coverage.js'
import {
  compare,
  type Difference,
  decode,
  type GoldenCase,
  isDouble,
  type Json,
  type Kind,
  type Leaf,
  tensor,
} from './golden.js'
import { objectives } from './objectives.js'
import { transformationOf } from './trajectory.js'

/** A walk as it stands in a golden file. */
export interface Walk {
  readonly name: string
  readonly args?: Json
  readonly config: GoldenCase['config']
  readonly objective: keyof typeof objectives
  readonly x0: readonly number[]
  readonly extra: readonly string[]
  readonly iterates: readonly (readonly number[])[]
  readonly f32_dev: number
}

/** An objective on leaves of a kind: computed in float64, and rounded once. */
const onKind = ({ objective }: Walk, kind: Kind) => {
  const { value, grad } = objectives[objective]
  const numbers = (x: Leaf): Float64Array =>
    typeof x === 'number'
      ? Float64Array.of(x)
      : Float64Array.from(x instanceof tf.Tensor ? x.dataSync() : x instanceof NdArray ? x.data : x)
  const rounded = (loss: number): number | tf.Tensor =>
    kind === tensor ? tf.scalar(loss) : isDouble(kind) ? loss : Math.fround(loss)
  return {
    value: (x: Leaf) => rounded(value(numbers(x))),
    grad: (x: Leaf) => kind.leaf({ shape: [numbers(x).length], data: grad(numbers(x)) }),
  }
}

const missing = (name: string): never => {
  throw new Error(`no way to give ${name} to update`)
}

/** What a walk's test is called. */
export const shownWalk = ({ name, args, config, objective }: Walk): string =>
  `${name} ${JSON.stringify([...(args === undefined ? [] : [args]), config]).replaceAll('"', '')} over the ${objective}`

/** What this deviation of float32 from float64 marks: a search that ends one trial earlier or later leads elsewhere. */
const unstable = 1e-3

/** How far a point may be from the golden one; `null` where nothing can be said any more. */
const toleranceAt = (walk: Walk, kind: Kind, step: number): number | null => {
  const known = amplified[shownWalk(walk)]
  if (isDouble(kind)) return known?.tolerance ?? kind.tolerance(walk.f32_dev)
  if (walk.f32_dev < unstable) return kind.tolerance(walk.f32_dev)
  return step <= 5 ? kind.tolerance(0) : step <= 15 ? kind.tolerance(walk.f32_dev) : null
}

const greatestOf = (points: readonly (readonly number[])[]): number =>
  Math.max(...points.flat().map(Math.abs))

/**
 * How much greater the walk was than it is at a step. `f32_dev` is relative to the greatest point of all, and what was
 * rounded when the point was great stays when it has become small.
 */
const shrinkage = ({ iterates }: Walk, kind: Kind, step: number): number =>
  isDouble(kind) ? 1 : greatestOf(iterates) / greatestOf([iterates[step] ?? []])

/** Every point's distance from the golden one. */
export const walkAlong = (library: Library, walk: Walk, kind: Kind): readonly Difference[] => {
  const shape = [walk.x0.length]
  const start = { shape, data: Float64Array.from(walk.x0) }
  const tx = transformationOf(library, walk, decode({ shape, data: walk.x0 }), kind)
  const { value, grad } = onKind(walk, kind)
  let x = kind.leaf(start)
  let state = tx.init(x)
  const differences = walk.iterates.slice(1).flatMap((data, i) => {
    const [loss, gradient] = [value(x), grad(x)]
    // by the names that Optax has for them
    const known: Readonly<Record<string, object>> = {
      value: { value: loss },
      grad: { grad: gradient },
      grad_fn: { gradFn: grad },
      // Optax differentiates the function itself
      value_fn: { valueFn: value, valueAndGradFn: (at: Leaf) => ({ value: value(at), grads: grad(at) }) },
    }
    const extraArgs = Object.assign({}, ...walk.extra.map((name) => known[name] ?? missing(name)))
    const [updates, next] = tx.update(gradient, state, x, extraArgs)
    const moved = applyUpdates(x, updates)
    dispose(x, state, loss, gradient, updates)
    x = moved
    state = next
    const tolerance = toleranceAt(walk, kind, i + 1)
    return tolerance === null
      ? []
      : compare(`x ${i + 1}`, { shape, data }, x, tolerance * shrinkage(walk, kind, i + 1))
  })
  dispose(x, state)
  return differences
}
