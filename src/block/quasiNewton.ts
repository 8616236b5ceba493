/**
 * The two-loop recursion of L-BFGS, as rules: an inner product over the tree, and what it moves, are one call each.
 *
 * Inner products are slots of the tree, so that those of tensors stay on the device.
 */
import type { Params } from '../rule/leaf.js'
import { lengthened } from '../rule/ratio.js'
import { norm, sum } from '../rule/reduction.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, select } from '../rule/term.js'
import { dispose } from '../transform/dispose.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation, TreeValue } from '../transform/transformation.js'

/** What is remembered of one step: named as the state's fields, which errors speak of. */
export interface Entry {
  /** $s$, how the parameters differed. */
  readonly diffParamsMemory: Params
  /** $y$, how the gradients differed. */
  readonly diffUpdatesMemory: Params
  /** $\rho = 1/\langle y, s\rangle$ */
  readonly weightsMemory: TreeValue
}

/** The last point: where the next step's differences are taken from. */
export interface Base {
  readonly params: Params
  readonly updates: Params
}

type Announce = <M>(value: M) => M

const entrySlots = { diffParamsMemory: zeros, diffUpdatesMemory: zeros, weightsMemory: slot('tree', 0) }

const entries: GradientTransformation<Entry> = /* @__PURE__ */ fromRule({
  slots: entrySlots,
  scalars: {},
  step: ({ g, p: _, ...entry }) => ({ update: g, ...entry }),
})

/** An entry without effect. */
export const zeroEntry = (params: Params): Entry => entries.init(params)

/** The first step, which has no differences yet: along the gradient, at most of length 1 where it is scaled. */
export const firstStep = (scaled: boolean): GradientTransformation<Base> =>
  fromRule({
    slots: { params: zeros, updates: zeros },
    scalars: {},
    step: ({ g, p }) => ({
      update: scaled ? lengthened(g, norm(g, 'tree').max(1), 1) : g,
      params: p,
      updates: g,
    }),
  })

interface Observed extends Base, Entry {
  readonly alpha: TreeValue
  readonly identityScale: TreeValue
}

/** Takes the new differences, and multiplies by their factor from the right: $g - \alpha y$, $\alpha = \rho\langle s, g\rangle$. */
const observe = (scaled: boolean): GradientTransformation<Observed> =>
  fromRule({
    slots: {
      params: zeros,
      updates: zeros,
      ...entrySlots,
      alpha: slot('tree', 0),
      identityScale: slot('tree', 1),
    },
    scalars: {},
    step: ({ g, p, params, updates }) => {
      const [s, y] = [p.sub(params), g.sub(updates)]
      const curvature = sum(y.mul(s), 'tree')
      const square = sum(y.square(), 'tree')
      // infinite of zero, and of what is nearly zero
      const inverse = constant(1).div(curvature)
      const rho = select(inverse.abs().eq(Number.POSITIVE_INFINITY), 0, inverse)
      const alpha = rho.mul(sum(s.mul(g), 'tree'))
      return {
        update: g.sub(alpha.mul(y)),
        params: p,
        updates: g,
        diffParamsMemory: s,
        diffUpdatesMemory: y,
        weightsMemory: rho,
        alpha,
        identityScale: scaled ? select(square.gt(0), curvature.div(square), 1) : constant(1),
      }
    },
  })

interface Turned extends Entry {
  readonly alpha: TreeValue
}

/** Multiplies by an older factor from the right. */
const fromRight: GradientTransformation<Turned> = /* @__PURE__ */ fromRule({
  slots: { ...entrySlots, alpha: slot('tree', 0) },
  scalars: {},
  step: ({ g, p: _, alpha: _before, ...entry }) => {
    const { diffParamsMemory: s, diffUpdatesMemory: y, weightsMemory: rho } = entry
    const alpha = rho.mul(sum(s.mul(g), 'tree'))
    return { update: g.sub(alpha.mul(y)), ...entry, alpha }
  },
})

interface Read {
  readonly diffUpdatesMemory: Params
  readonly weightsMemory: TreeValue
  readonly alpha: TreeValue
  readonly identityScale: TreeValue
}

/** Multiplies by a factor from the left, $s$ standing for the parameters; by the identity's scale before the first one. */
const fromLeft = (first: boolean): GradientTransformation<Read> =>
  fromRule({
    slots: {
      diffUpdatesMemory: zeros,
      weightsMemory: slot('tree', 0),
      alpha: slot('tree', 0),
      identityScale: slot('tree', 1),
    },
    scalars: {},
    step: ({ g, p: s, ...read }) => {
      const { diffUpdatesMemory: y, weightsMemory: rho, alpha, identityScale } = read
      const v = first ? g.mul(identityScale) : g
      const beta = rho.mul(sum(y.mul(v), 'tree'))
      return { update: v.add(alpha.sub(beta).mul(s)), ...read }
    },
  })

/** What a step makes of a history. */
export interface Preconditioned<P> {
  /** The gradient times the approximate inverse Hessian. */
  readonly direction: P
  /** Where the next differences are taken from. */
  readonly base: Base
  /** The new entry. */
  readonly newest: Entry
  /** The older ones, in memory of their own. */
  readonly older: readonly Entry[]
}

/**
 * The recursion. `replaced` is the entry in whose place the new one comes: what it has where there is no gradient,
 * stays. `older` are the others, the latest first. Announces what it makes, so that it is freed should anything throw.
 */
export const precondition = <P extends Params>(
  scaled: boolean,
  grads: P,
  params: Params | undefined,
  base: Base,
  replaced: Entry,
  older: readonly Entry[],
  made: Announce,
): Preconditioned<P> => {
  const like = replaced.weightsMemory // what stands for a value that is not read
  const before: Observed = { ...base, ...replaced, alpha: like, identityScale: like }
  const [observed, { alpha, identityScale, params: p, updates: g, ...newest }] = made(
    observe(scaled).update<P>(grads, before, params),
  )
  let direction = observed
  const turn = (to: P): void => {
    dispose(direction)
    direction = to
  }
  const turned: Turned[] = [{ ...newest, alpha }]
  for (const entry of older) {
    const [to, next] = made(fromRight.update<P>(direction, { ...entry, alpha: entry.weightsMemory }))
    turn(to)
    turned.push(next)
  }
  for (const [i, { diffParamsMemory, ...entry }] of [...turned].reverse().entries()) {
    const [to, read] = made(
      fromLeft(i === 0).update<P>(direction, { ...entry, identityScale }, diffParamsMemory),
    )
    turn(to)
    dispose(read)
  }
  dispose(identityScale)
  const [, ...rest] = turned.map(({ alpha, ...entry }) => {
    dispose(alpha)
    return entry
  })
  return { direction, base: { params: p, updates: g }, newest, older: rest }
}
