/**
 * The interpreter for tensors, by TensorFlow.js operations: runs on any backend, one kernel per operator.
 *
 * Borrows every tensor that it is given; of what it makes, exactly the results outlive the call.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { BinaryOp, CompareOp, Expr, UnaryOp } from '../rule/expr.js'
import { fold } from '../rule/expr.js'
import { sizeOf } from '../rule/leaf.js'
import { perLeaf, type Values } from './perLeaf.js'
import { type Interpreter, input, type LeafWork } from './work.js'

/** A scalar stretched to a shape; `tf.broadcastTo` and what uses it are ten times slower on some backends. */
const stretch = (x: tf.Tensor, shape: readonly number[]): tf.Tensor => {
  if (tf.util.arraysEqual(x.shape, [...shape])) return x
  return x.dtype === 'bool' ? tf.logicalAnd(x, tf.ones([...shape], 'bool')) : tf.mul(x, tf.ones([...shape])) // times one, not plus zero: a negative zero stays
}

const where = (test: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
  const { shape } = [test, x, y].find(({ rank }) => rank > 0) ?? test
  return tf.where(stretch(test, shape), stretch(x, shape), stretch(y, shape))
}

const sign = (x: tf.Tensor): tf.Tensor =>
  // tf.sign loses NaN, the sign of zero, and on some backends small numbers
  where(tf.greater(x, 0), tf.onesLike(x), where(tf.less(x, 0), tf.fill(x.shape, -1), x))

const max = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  where(tf.greaterEqual(x, y), x, where(tf.less(x, y), y, tf.add(x, y)))

const unary: Readonly<Record<UnaryOp, (x: tf.Tensor) => tf.Tensor>> = {
  neg: tf.neg,
  abs: tf.abs,
  sqrt: tf.sqrt,
  sign,
  exp: tf.exp,
  log: tf.log,
  tanh: tf.tanh,
}

const binary: Readonly<Record<BinaryOp, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  pow: tf.pow,
  // tf.minimum and tf.maximum lose NaN on some backends; of two numbers that do not compare, one is NaN
  min: (x, y) => where(tf.lessEqual(x, y), x, where(tf.greater(x, y), y, tf.add(x, y))),
  max,
}

const compare: Readonly<Record<CompareOp, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>> = {
  lt: tf.less,
  le: tf.lessEqual,
  eq: tf.equal,
  ne: tf.notEqual,
}

const evaluate = (
  leaf: LeafWork<tf.Tensor>,
  known: (expr: Expr) => tf.Tensor | undefined,
): ((expr: Expr) => tf.Tensor) =>
  fold<tf.Tensor, tf.Tensor>({
    known,
    atom: (node) => input(leaf, node),
    unary: (op, x) => unary[op](x),
    binary: (op, x, y) => binary[op](x, y),
    compare: (op, x, y) => compare[op](x, y),
    select: where,
    reduce: (node, arg) => {
      const size = sizeOf(leaf.spec.shape)
      if (size === 0) return tf.scalar(node.kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY)
      const x = arg()
      // plus zero: a sum of negative zeros alone is 0
      if (node.arg.scope !== 'element') return node.kind === 'sum' ? tf.add(tf.mul(x, size), 0) : x
      return node.kind === 'sum' ? tf.sum(x) : tf.max(x)
    },
  })

/** A new handle on the same memory. (`tf.clone` copies it on the WASM backend.) */
export const cloneTensor = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, tensor.shape)

const finish = (leaf: LeafWork<tf.Tensor>, values: Values<tf.Tensor>): Values<tf.Tensor> => {
  const taken = new Set<tf.Tensor | null>([leaf.gradient, leaf.parameter, ...Object.values(leaf.slots)])
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const output = leaf.plan.outputs[name]
      const shape = output?.scope === 'element' ? leaf.spec.shape : []
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
  combine: (kind, a, b) => (kind === 'sum' ? tf.add(a, b) : max(a, b)),
  evaluate,
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

/** Whether a leaf is a tensor of TensorFlow.js. */
export const isTensor = (leaf: unknown): leaf is tf.Tensor => leaf instanceof tf.Tensor

/** The first number of a tensor, once the device has computed it; a scalar has no other. */
export const readTensor = (tensor: tf.Tensor): number => Number(tensor.dataSync()[0])

/** The same without blocking on the device. */
export const readTensorLater = async (tensor: tf.Tensor): Promise<number> => Number((await tensor.data())[0])

/** Tensors one after the other, as one vector. */
export const concatTensors = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]))))

/** The part of a vector from an index on that has a tensor's shape, in that shape. */
export const partOfTensor = (vector: tf.Tensor, from: number, { shape, size }: tf.Tensor): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.slice(vector, [from], [size]), shape))

/** A tensor of zeros. */
export const zerosLikeTensor = (tensor: tf.Tensor): tf.Tensor => tf.zeros(tensor.shape)

/** A tensor without its mean over all axes but the first. */
export const subtractRowMeans = (tensor: tf.Tensor): tf.Tensor =>
  tf.tidy(() => tf.sub(tensor, tf.mean(tensor, tensor.shape.map((_, axis) => axis).slice(1), true)))

/** The backend that computes now, and the name that it goes by. */
export const activeBackend = (): { readonly name: string; readonly backend: object } => ({
  name: tf.getBackend(),
  backend: tf.backend(),
})
