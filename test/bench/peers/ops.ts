/** Rules as one would write them with the operations of TensorFlow.js, in a tidy. */
import * as tf from '@tensorflow/tfjs-core'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper, type RuleName } from '../rules.js'
import { gradientsOf, tensorsOf, valuesOf } from './tensors.js'

const { learningRate, momentum, b1, b2, eps, weightDecay, maxNorm } = hyper

/** One leaf before or after a step. */
interface Leaf {
  readonly p: tf.Tensor
  readonly slots: readonly tf.Tensor[]
}

type Rule = (g: tf.Tensor, leaf: Leaf, t: number) => Leaf

const descend = (p: tf.Tensor, u: tf.Tensor): tf.Tensor => tf.sub(p, tf.mul(u, learningRate))

const slot = ({ slots }: Leaf, i: number): tf.Tensor => {
  const s = slots[i]
  if (s === undefined) throw new Error(`no slot ${i}`)
  return s
}

const moments = (g: tf.Tensor, leaf: Leaf, t: number): { u: tf.Tensor; slots: readonly tf.Tensor[] } => {
  const mu = tf.add(tf.mul(slot(leaf, 0), b1), tf.mul(g, 1 - b1))
  const nu = tf.add(tf.mul(slot(leaf, 1), b2), tf.mul(tf.square(g), 1 - b2))
  const u = tf.div(tf.mul(mu, 1 / (1 - b1 ** t)), tf.add(tf.sqrt(tf.mul(nu, 1 / (1 - b2 ** t))), eps))
  return { u, slots: [mu, nu] }
}

const adam: Rule = (g, leaf, t) => {
  const { u, slots } = moments(g, leaf, t)
  return { p: descend(leaf.p, u), slots }
}

const adamw: Rule = (g, leaf, t) => {
  const { u, slots } = moments(g, leaf, t)
  return { p: descend(leaf.p, tf.add(u, tf.mul(leaf.p, weightDecay))), slots }
}

const lamb: Rule = (g, leaf, t) => {
  const { u, slots } = moments(g, leaf, t)
  const decayed = tf.add(u, tf.mul(leaf.p, weightDecay))
  const [pn, un] = [tf.norm(leaf.p), tf.norm(decayed)]
  const ratio = tf.where(tf.logicalOr(tf.equal(pn, 0), tf.equal(un, 0)), 1, tf.div(pn, un))
  return { p: descend(leaf.p, tf.mul(decayed, ratio)), slots }
}

const clip = (grads: readonly tf.Tensor[]): tf.Tensor[] => {
  const squares = grads.map((g) => tf.sum(tf.square(g)))
  // addN binds a buffer for each tensor, and WebGPU has a few: with more of them it gives zeros
  const norm = tf.sqrt(tf.getBackend() === 'webgpu' ? tf.sum(tf.stack(squares)) : tf.addN(squares))
  const factor = tf.minimum(1, tf.div(maxNorm, norm))
  return grads.map((g) => tf.mul(g, factor))
}

const rules: Readonly<
  Record<RuleName, { readonly slots: number; readonly rule: Rule; readonly clips?: true }>
> = {
  sgd: { slots: 0, rule: (g, { p }) => ({ p: descend(p, g), slots: [] }) },
  momentum: {
    slots: 1,
    rule: (g, leaf) => {
      const trace = tf.add(tf.mul(slot(leaf, 0), momentum), g)
      return { p: descend(leaf.p, trace), slots: [trace] }
    },
  },
  adam: { slots: 2, rule: adam },
  adamw: { slots: 2, rule: adamw },
  'clip + adamw': { slots: 2, rule: adamw, clips: true },
  lamb: { slots: 2, rule: lamb },
}

const open = (problem: Problem): Session => {
  const { slots, rule, clips } = rules[problem.rule]
  const gradients = gradientsOf(problem)
  let leaves: readonly Leaf[] = tensorsOf(problem, problem.params).map((p) => ({
    p,
    slots: Array.from({ length: slots }, () => tf.zerosLike(p)),
  }))
  const free = (): void => {
    for (const { p, slots } of leaves) tf.dispose([p, ...slots])
  }
  let t = 0
  return {
    prepare: gradients.prepare,
    step: () => {
      t++
      const given = gradients.next()
      const next: Leaf[] = []
      tf.tidy(() => {
        const grads = clips ? clip(given) : given
        leaves.forEach((leaf, i) => {
          const g = grads[i]
          if (g === undefined) return
          const done = rule(g, leaf, t)
          tf.keep(done.p)
          done.slots.forEach(tf.keep)
          next.push(done)
        })
      })
      free()
      leaves = next
    },
    params: () => valuesOf(leaves.map(({ p }) => p)),
    close: () => {
      gradients.close()
      free()
    },
  }
}

/** The peer. */
export const ops: Peer = { name: 'tfjs ops', tfjs: true, open }
