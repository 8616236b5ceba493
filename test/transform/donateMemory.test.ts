import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import { wasmDoor } from '../../src/host/tfjs/wasm/backend.js'
import {
  adam,
  adamw,
  centralize,
  chain,
  clipByGlobalNorm,
  dispose,
  fromRule,
  type GradientTransformation,
  lamb,
  masked,
  norm,
  type Params,
  slot,
  step,
} from '../../src/index.js'
import { backends, numbers, tensorsIn, tensorsLeft, useBackend } from '../backends.js'

const inPlace = step(adamw(0.1), { donate: true })

/** A slot of every scope. */
const scoped = fromRule({
  slots: { m: slot('element', 0), l: slot('leaf', 0), r: slot('tree', 0) },
  scalars: ({ t }) => ({ t }),
  step: ({ g, m, l, r }, { t }) => ({
    update: g.div(norm(g, 'tree').add(l).add(r).add(1)).mul(t),
    m: m.add(g),
    l: norm(g, 'leaf').max(l),
    r: norm(g, 'tree').max(r),
  }),
})

const rules: readonly (readonly [string, () => GradientTransformation])[] = [
  ['adam', () => adam(0.1)],
  ['clipByGlobalNorm and adamw', () => chain(clipByGlobalNorm(1), adamw(0.1))],
  ['lamb', () => lamb(0.1)],
  ['a rule with slots of every scope', () => scoped],
  ['a masked rule', () => masked(adam(0.1), ({ shape }) => shape.length > 1)],
  ['a chain with a member that is no rule', () => chain(ordinary(centralize()), adam(0.1))],
]

describe.each(backends)('on %s, a thousand donating steps', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each(rules)('of %s take no new memory', (_, make) => {
    const tx = make()
    const stepped = step(tx, { donate: true })
    const memory = backend === 'wasm' ? wasmDoor(tf.backend())?.memory : undefined
    const first = {
      w: tf.ones([30, 7]),
      b: [tf.ones([31]), tf.scalar(1)],
      none: tf.zeros([0]),
      off: tf.ones([5]),
    }
    let [params, state]: readonly [Params, unknown] = [first, tx.init(first)]
    const gradients = (): Params => ({
      w: tf.fill([30, 7], 0.5),
      b: [tf.fill([31], -1), tf.scalar(2)],
      none: tf.zeros([0]),
      off: null,
    })
    const once = (): void => {
      ;[params, state] = stepped<Params>(params, state, gradients())
    }
    for (let i = 0; i < 3; i++) once()
    if (backend === 'wasm') expect(memory).toBeInstanceOf(WebAssembly.Memory)
    const before = { ...tf.memory(), heap: memory?.buffer.byteLength }
    for (let i = 0; i < 1000; i++) once()
    expect({ ...tf.memory(), heap: memory?.buffer.byteLength }).toEqual(before)
    dispose(params, state)
  })
})

describe.each(backends)('on %s, a donating step', (backend) => {
  beforeAll(() => useBackend(backend))

  it('leaves a variable alone that shares the memory of what it consumes', () => {
    const start = tf.tensor1d([1, 2])
    const variable = tf.variable(start)
    const [next, after] = inPlace(start, adamw(0.1).init(start), tf.tensor1d([1, 1]))
    expect(numbers(variable)).toEqual([1, 2])
    dispose(next, after, variable)
  })

  it('inside tf.tidy lives as long as other tensors there: what is returned stays, the rest goes', () => {
    const outer = tf.ones([3])
    let inside: readonly tf.Tensor[] = []
    const left = tensorsLeft(() => {
      const kept = tf.tidy(() => {
        const params = { w: tf.ones([3]), b: tf.ones([2]) }
        let [at, state] = inPlace(params, adamw(0.1).init(params), { w: outer.clone(), b: tf.ones([2]) })
        ;[at, state] = inPlace(at, state, { w: tf.ones([3]), b: tf.ones([2]) })
        inside = tensorsIn(state)
        return at.w
      })
      expect(numbers(kept).every((x) => x < 1)).toBe(true)
      kept.dispose()
    })
    expect(left).toBe(0)
    expect(inside.length).toBeGreaterThan(0)
    expect(inside.every(({ isDisposed }) => isDisposed)).toBe(true)
    expect(numbers(outer)).toEqual([1, 1, 1])
    outer.dispose()
  })

  it('only reads arrays and numbers', () => {
    const [w, g] = [Float32Array.of(1, 2), Float32Array.of(3, 4)]
    const state = adamw(0.1).init(w)
    const before = structuredClone(state)
    inPlace(w, state, g)
    expect([w, g, state]).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4), before])
  })
})

describe('tensors that are on another backend than the active one', () => {
  const tx = adamw(0.1)
  const start = { w: [1, -2, 3, 0.5, 7], b: [4] }
  const arrays = { w: Float32Array.from(start.w), b: Float32Array.from(start.b) }
  const gradient = (i: number) => ({ w: start.w.map((x) => x - i), b: [i] })

  it.each([true, false])('are stepped as numbers are, moved back and forth (donate: %s)', async (donate) => {
    await useBackend('cpu')
    const { numTensors, numBytes } = tf.memory()
    let expected: readonly [Params, ReturnType<typeof tx.init>] = [arrays, tx.init(arrays)]
    const params = { w: tf.tensor1d(start.w), b: tf.tensor1d(start.b) }
    let given: readonly [Params, ReturnType<typeof tx.init>] = [params, tx.init(params)]
    // twice in a row on each, and once with gradients that are elsewhere
    for (const [i, [of, at]] of [
      ['cpu', 'wasm'],
      ['wasm', 'wasm'],
      ['wasm', 'cpu'],
      ['cpu', 'cpu'],
      ['cpu', 'wasm'],
      ['wasm', 'cpu'],
    ].entries()) {
      await tf.setBackend(of ?? '')
      const g = { w: tf.tensor1d(gradient(i).w), b: tf.tensor1d(gradient(i).b) }
      const held = tensorsIn(given).map(
        (tensor) => [tf.reshape(tensor, tensor.shape), numbers(tensor)] as const,
      )
      await tf.setBackend(at ?? '')
      expected = step(tx)<Params>(...expected, {
        w: Float32Array.from(gradient(i).w),
        b: Float32Array.from(gradient(i).b),
      })
      const next = step(tx, { donate })<Params>(...given, g)
      for (const [tensor, before] of held) expect(numbers(tensor)).toEqual(before)
      dispose(
        given,
        g,
        held.map(([tensor]) => tensor),
      )
      given = next
      expect(tensorsIn(given).map(numbers)).toEqual(arraysIn(expected).map(numbers))
    }
    dispose(given)
    expect(tf.memory()).toMatchObject({ numTensors, numBytes })
  })
})

const arraysIn = (node: unknown): readonly Float32Array[] =>
  node instanceof Float32Array
    ? [node]
    : typeof node === 'object' && node !== null
      ? Object.values(node).flatMap(arraysIn)
      : []
