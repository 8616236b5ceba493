/** What is compared: a peer opens a session for a rule and a layout, and a session takes steps. */
import { type Layout, sizeOf } from './layouts.js'
import { noise } from './noise.js'
import type { RuleName } from './rules.js'

/** A rule on tensors of a layout, with the numbers to start from: the same for every peer. */
export interface Problem {
  readonly rule: RuleName
  readonly layout: Layout
  readonly params: readonly Float32Array[]
  readonly grads: readonly Float32Array[]
}

/**
 * An optimizer at work. A step goes from parameters, state and gradients to the next parameters and state, and
 * frees what it replaces: every peer does this within the time that is taken, as some cannot do otherwise. Only
 * the gradients come and go outside of it.
 */
export interface Session {
  /** Makes the gradients of so many steps ready, and frees those of the steps before. */
  readonly prepare: (steps: number) => void
  readonly step: () => void
  /** Waits for what the steps have started, where they do not do their work themselves. */
  readonly settle?: () => Promise<unknown>
  readonly params: () => Promise<readonly Float32Array[]>
  readonly close: () => void
}

/** One way to run optimizers. */
export interface Peer {
  readonly name: string
  /** Whether tensors of TensorFlow.js hold its numbers, so that their kernels and memory can be counted. */
  readonly tfjs: boolean
  /** Opens a session, or gives nothing where the peer lacks the rule. */
  readonly open: (problem: Problem) => Session | undefined
}

/** The numbers of tensors of a layout. */
export const numbersOf = (layout: Layout): Pick<Problem, 'params' | 'grads'> => ({
  params: layout.shapes.map((shape, i) => noise(sizeOf(shape), 1, 2 * i + 1)),
  grads: layout.shapes.map((shape, i) => noise(sizeOf(shape), 0.1, 2 * i + 2)),
})

/** A problem. */
export const problem = (rule: RuleName, layout: Layout): Problem => ({ rule, layout, ...numbersOf(layout) })
