/**
 * The interpreter for tensors, by TensorFlow.js operations: runs on any backend, one kernel per operator.
 *
 * Borrows every tensor that it is given; of what it makes, exactly the results outlive the call.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Expr } from '../../rule/expr.js'
import { fold } from '../../rule/fold.js'
import { sizeOf } from '../../rule/leaf.js'
import { isFar, reachOf } from '../../rule/ratio.js'
import { isAxes, shapeAlong } from '../../rule/scope.js'
import { perLeaf, type Values } from '../perLeaf.js'
import { type Interpreter, input, type LeafWork } from '../work.js'
import { besideLeaf, reduceAlong } from './axes.js'
import { binary, compare, max, stretch, unary, where } from './functions.js'
import { isReadable, powersFor, rootOf, timesPowers } from './norm.js'
import { cloneTensor } from './tensor.js'

const evaluate = (
  leaf: LeafWork<tf.Tensor>,
  known: (expr: Expr) => tf.Tensor | undefined,
  power: tf.Tensor | null = null,
): ((expr: Expr) => tf.Tensor) => {
  const { shape } = leaf.spec
  let one: tf.Tensor | undefined
  const visit: (expr: Expr) => tf.Tensor = fold<tf.Tensor, tf.Tensor>({
    // nearly all powers of two are one, which is told without operations; where it cannot be told, all are
    known: (node) => {
      const number = reachOf(node)
      if (number === undefined || (isReadable() && visit(number).dataSync().some(isFar))) return known(node)
      one ??= tf.scalar(1)
      return one
    },
    atom: (node) => {
      const value = input(leaf, node)
      return isAxes(node.scope) ? tf.reshape(value, [...besideLeaf(node.scope, shape)]) : value
    },
    unary: (op, x) => unary[op](x),
    binary: (op, x, y) => (op === 'mul' && y === one ? x : binary[op](x, y)),
    compare: (op, x, y) => compare[op](x, y),
    select: where,
    reduce: (node, arg) => {
      if (isAxes(node.over) || isAxes(node.arg.scope)) {
        const values = node.kind === 'norm' ? tf.square(timesPowers(arg(), power)) : arg()
        return reduceAlong(node.kind, values, node.over, shape)
      }
      const size = sizeOf(shape)
      if (size === 0) return tf.scalar(node.kind === 'max' ? Number.NEGATIVE_INFINITY : 0)
      const x = node.kind === 'norm' ? tf.square(timesPowers(arg(), power)) : arg()
      // plus zero: a sum of negative zeros alone is 0
      if (node.arg.scope !== 'element') return node.kind === 'max' ? x : tf.add(tf.mul(x, size), 0)
      return node.kind === 'max' ? tf.max(x) : tf.sum(x)
    },
  })
  return visit
}

const finish = (leaf: LeafWork<tf.Tensor>, values: Values<tf.Tensor>): Values<tf.Tensor> => {
  const taken = new Set<tf.Tensor | null>([leaf.gradient, leaf.parameter, ...Object.values(leaf.slots)])
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const output = leaf.plan.outputs[name]
      const extent = output?.scope ?? 'leaf'
      if (isAxes(extent)) {
        const shaped = stretch(value, besideLeaf(extent, leaf.spec.shape))
        // a handle of its own
        return [name, tf.reshape(shaped, [...shapeAlong(extent, leaf.spec.shape)])]
      }
      const shape = extent === 'element' ? leaf.spec.shape : []
      const shaped = stretch(value, shape)
      // host scalars and reductions are shared among the leaves, inputs are the caller's
      const shared = taken.has(shaped) || (shaped === value && output?.expr.scope !== 'element')
      const own = shared ? cloneTensor(shaped) : shaped
      taken.add(own)
      return [name, own]
    }),
  )
}

/** Computes steps on tensors, on the active backend. */
export const tensorInterpreter: Interpreter<tf.Tensor> = perLeaf({
  scalar: (value) => tf.scalar(value),
  combine: (kind, a, b) => (kind === 'max' ? max(a, b) : tf.add(a, b)),
  evaluate,
  powerFor: powersFor,
  root: rootOf,
  finish,
  tidy: (compute, kept) => {
    const engine = tf.engine()
    engine.startScope()
    try {
      const result = compute()
      engine.endScope([...kept(result)])
      return result
    } catch (error) {
      engine.endScope()
      throw error
    }
  },
})

/** The backend that computes now, and the name that it goes by. */
export const activeBackend = (): { readonly name: string; readonly backend: object } => ({
  name: tf.getBackend(),
  backend: tf.backend(),
})
