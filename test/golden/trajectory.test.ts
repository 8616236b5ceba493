import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, test } from 'vitest'
import { map, type Tree } from '../../src/tree/index.js'
import { float64, type GoldenFile, type Kind, type Leaf, readGoldens, tensor, worstOf } from './golden.js'
import { follow } from './trajectory.js'

/** Heavy-ball momentum on any leaves, by hand: m ← g + decay·m. */
const momentum = (sloppy: { readonly leak?: boolean; readonly forget?: boolean }) => (decay: number) => ({
  init: (params: Tree<Leaf>) => ({ trace: map((leaf: Leaf) => each(() => 0, leaf, leaf))(params) }),
  update: (grads: Tree<Leaf>, { trace }: { readonly trace: Tree<Leaf> }) => {
    const kept = sloppy.forget === true ? 0.99 * decay : decay
    const next = zip((g, m) => g + kept * m, grads, trace)
    if (sloppy.leak === true) tf.scalar(0)
    // a tensor each for the update and the state
    return [map((leaf: Leaf) => each((x) => x, leaf, leaf))(next), { trace: next }]
  },
})

const each = (f: (x: number, y: number) => number, a: Leaf, b: Leaf): Leaf => {
  if (typeof a === 'number' && typeof b === 'number') return f(a, b)
  if (a instanceof Float64Array && b instanceof Float64Array) return a.map((x, i) => f(x, b[i] ?? Number.NaN))
  if (a instanceof tf.Tensor && b instanceof tf.Tensor) {
    const [xs, ys] = [a.dataSync(), b.dataSync()]
    return tf.tensor(
      Float32Array.from(xs, (x, i) => f(x, ys[i] ?? Number.NaN)),
      a.shape,
    )
  }
  throw new Error('leaves of two kinds')
}

const zip = (f: (x: number, y: number) => number, a: Tree<Leaf>, b: Tree<Leaf>): Tree<Leaf> => {
  if (a === null || b === null) return null
  if (isLeaf(a) && isLeaf(b)) return each(f, a, b)
  const other = new Map(Object.entries(b))
  const children = Object.entries(a).map(
    ([key, child]) => [key, zip(f, child, other.get(key) ?? null)] as const,
  )
  return Array.isArray(a) ? children.map(([, child]) => child) : Object.fromEntries(children)
}

const isLeaf = (node: Tree<Leaf>): node is Leaf =>
  typeof node === 'number' || ArrayBuffer.isView(node) || node instanceof tf.Tensor

const { cases, inputs } = readGoldens<GoldenFile>('optax_transforms')
const plain = cases.filter(({ name, config }) => name === 'trace' && config.nesterov !== true)

const distance = (kind: Kind, sloppy: Parameters<typeof momentum>[0]): number =>
  plain.reduce((worst, golden) => {
    const given = inputs[golden.inputs]
    if (given === undefined) throw new Error('no inputs')
    const differences = follow({ trace: momentum(sloppy) }, golden, given, kind)
    return Math.max(worst, worstOf(differences)?.ratio ?? 0)
  }, 0)

describe('a trajectory', () => {
  test('of momentum written by hand agrees on inputs A, B and C', () => {
    const before = tf.memory().numTensors
    expect(plain.map((golden) => golden.inputs)).toEqual(['A', 'B', 'C'])
    expect(distance(float64, {})).toBeLessThan(1)
    expect(distance(tensor, {})).toBeLessThan(1)
    expect(tf.memory().numTensors).toBe(before)
  })

  test('with the decay one percent off does not', () => {
    expect(distance(float64, { forget: true })).toBeGreaterThan(1e6)
    expect(distance(tensor, { forget: true })).toBeGreaterThan(1e3)
  })

  test('with a tensor left behind does not', () => {
    expect(distance(tensor, { leak: true })).toBe(Number.POSITIVE_INFINITY)
  })

  test('gives the value of its step to update, as a number and beside tensors as a tensor too', () => {
    const [golden] = plain
    const given = golden && inputs[golden.inputs]
    if (golden === undefined || given === undefined) throw new Error('no case')
    const seen: unknown[] = []
    const watching = (decay: number) => {
      const tx = momentum({})(decay)
      return {
        init: tx.init,
        update: (grads: Tree<Leaf>, state: ReturnType<typeof tx.init>, _: unknown, extra: object) => {
          seen.push(...Object.entries(extra).map(([name, value]) => [name, typeof value]))
          return tx.update(grads, state)
        },
      }
    }
    const told = { ...golden, extra: ['value'] }
    expect(worstOf(follow({ trace: watching }, told, given, float64))?.ratio).toBeLessThan(1)
    const steps = given.grads.length
    expect(seen).toEqual(Array(steps).fill(['value', 'number']))
    expect(worstOf(follow({ trace: watching }, told, given, tensor))?.ratio).toBeLessThan(1)
    expect(seen.slice(2 * steps)).toEqual(Array(steps).fill(['value', 'object']))
    expect(() => follow({ trace: watching }, { ...golden, extra: ['other'] }, given, tensor)).toThrow('other')
  })
})
