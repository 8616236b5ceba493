/**
 * jax-js on its WASM backend: a step jitted over the whole tree. Its Optax is not on npm, so the rules are written
 * as Optax writes them, but for the bias corrections: they come from the host, since within the kernel jax-js
 * would take their powers for every element, and as factors, since it divides slowly.
 *
 * Arrays are consumed by what uses them; `ref` keeps one for another use.
 */
import { type Array as Arr, blockUntilReady, defaultDevice, init, jit, numpy as np } from '@jax-js/jax'
import { type Layout, sizeOf } from '../layouts.js'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper, type RuleName } from '../rules.js'

const { learningRate, momentum, b1, b2, eps, weightDecay, maxNorm } = hyper

/** One leaf before or after a step: the parameter, then its slots. */
export type Leaf = readonly Arr[]

/** What the moments are multiplied with: 1/(1 − bᵗ). */
interface Bias {
  readonly c1: Arr
  readonly c2: Arr
}

type Rule = (g: Arr, leaf: Leaf, bias: Bias) => Leaf

const at = (leaf: Leaf, i: number): Arr => {
  const a = leaf[i]
  if (a === undefined) throw new Error(`a leaf without part ${i}`)
  return a
}

const descend = (p: Arr, u: Arr): Arr => p.sub(u.mul(learningRate))

const moments = (g: Arr, leaf: Leaf, { c1, c2 }: Bias): { u: Arr; slots: readonly [Arr, Arr] } => {
  const mu = at(leaf, 1)
    .mul(b1)
    .add(g.ref.mul(1 - b1))
  const nu = at(leaf, 2)
    .mul(b2)
    .add(np.square(g).mul(1 - b2))
  const u = mu.ref.mul(c1.ref).div(np.sqrt(nu.ref.mul(c2.ref)).add(eps))
  return { u, slots: [mu, nu] }
}

const decayed = (u: Arr, p: Arr): Arr => u.add(p.mul(weightDecay))
const norm = (a: Arr): Arr => np.sqrt(np.square(a).sum())

/** Adam on one leaf. */
export const adam: Rule = (g, leaf, bias) => {
  const { u, slots } = moments(g, leaf, bias)
  return [descend(at(leaf, 0), u), ...slots]
}

const adamw: Rule = (g, leaf, bias) => {
  const { u, slots } = moments(g, leaf, bias)
  const p = at(leaf, 0)
  return [descend(p.ref, decayed(u, p)), ...slots]
}

const rules: Readonly<Record<RuleName, { readonly slots: number; readonly rule: Rule }>> = {
  sgd: { slots: 0, rule: (g, leaf) => [descend(at(leaf, 0), g)] },
  momentum: {
    slots: 1,
    rule: (g, leaf) => {
      const trace = at(leaf, 1).mul(momentum).add(g)
      return [descend(at(leaf, 0), trace.ref), trace]
    },
  },
  adam: { slots: 2, rule: adam },
  adamw: { slots: 2, rule: adamw },
  'clip + adamw': { slots: 2, rule: adamw },
  lamb: {
    slots: 2,
    rule: (g, leaf, bias) => {
      const { u, slots } = moments(g, leaf, bias)
      const p = at(leaf, 0)
      const d = decayed(u, p.ref)
      const ratio = norm(p.ref).div(norm(d.ref))
      return [descend(p, d.mul(ratio)), ...slots]
    },
  },
}

const clip = (grads: readonly Arr[]): Arr[] => {
  const squares = grads.map((g) => np.square(g.ref).sum())
  const [first, ...others] = squares
  if (first === undefined) return []
  const total = np.sqrt(others.reduce((a, b) => a.add(b), first))
  const factor = np.minimum(1, np.reciprocal(total).mul(maxNorm))
  const clipped = grads.map((g) => g.mul(factor.ref))
  factor.dispose()
  return clipped
}

const compile = (name: RuleName) =>
  jit((leaves: Arr[][], given: Arr[], c1: Arr, c2: Arr): Arr[][] => {
    const grads = name === 'clip + adamw' ? clip(given) : given
    const next = leaves.map((leaf, i) => {
      const g = grads[i]
      if (g === undefined) throw new Error('a leaf without a gradient')
      return [...rules[name].rule(g, leaf, { c1, c2 })]
    })
    c1.dispose()
    c2.dispose()
    return next
  })

/** The factors of step `t`. */
export const biasOf = (t: number): Bias => ({
  c1: np.array(1 / (1 - b1 ** t)),
  c2: np.array(1 / (1 - b2 ** t)),
})

/** One for each rule, for good: it keeps what it has compiled for each layout. */
const compiled = new Map<RuleName, ReturnType<typeof compile>>()

const arraysOf = ({ shapes }: Layout, values: readonly Float32Array[]): Arr[] =>
  values.map((v, i) => np.array(new Float32Array(v), { shape: [...(shapes[i] ?? [])] }))

const open = ({ rule, layout, params, grads }: Problem): Session => {
  const step = compiled.get(rule) ?? compile(rule)
  compiled.set(rule, step)
  const given = arraysOf(layout, grads)
  let leaves = arraysOf(layout, params).map((p, i) => [
    p,
    ...Array.from({ length: rules[rule].slots }, () => np.zeros([...(layout.shapes[i] ?? [])])),
  ])
  let t = 0
  return {
    prepare: () => {},
    step: () => {
      t++
      const { c1, c2 } = biasOf(t)
      leaves = step(
        leaves,
        given.map((g) => g.ref),
        c1,
        c2,
      )
    },
    // every output of a step waits for all of its kernels, so waiting for one is enough
    settle: () => blockUntilReady(leaves[0]?.[0] ?? []),
    params: async () => {
      const all: Float32Array[] = []
      for (const [i, leaf] of leaves.entries()) {
        const data = await at(leaf, 0).ref.data()
        const size = sizeOf(layout.shapes[i] ?? [])
        all.push(Float32Array.from({ length: size }, (_, j) => Number(data[j])))
      }
      return all
    },
    close: () => {
      for (const a of [...leaves.flat(), ...given]) a.dispose()
    },
  }
}

/** Starts the WASM backend. */
export const startJax = async (): Promise<void> => {
  await init('wasm')
  defaultDevice('wasm')
}

/** Starts the WASM backend and gives the peer. */
export const jax = async (): Promise<Peer> => {
  await startJax()
  return { name: 'jax-js', tfjs: false, open }
}
