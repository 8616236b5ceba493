/**
 * The two-loop recursion of L-BFGS, as rules that are made once: what a few entries of the history do is one call.
 *
 * Inner products are values of the tree, so that those of tensors stay on the device.
 */
import { rememberFew } from '../rule/intern.js'
import type { Params } from '../rule/leaf.js'
import { lengthened } from '../rule/ratio.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, select, type Term } from '../rule/term.js'
import { dispose } from '../transform/dispose.js'
import { fromRule } from '../transform/fromRule.js'
import { norm, sum } from '../transform/reduction.js'
import type { GradientTransformation, TreeValue } from '../transform/transformation.js'
import { type TreeInput, treeFunction } from '../transform/treeFunction.js'

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
export const firstStep: (scaled: boolean) => GradientTransformation<Base> = /* @__PURE__ */ rememberFew(
  (scaled: boolean) =>
    fromRule({
      slots: { params: zeros, updates: zeros },
      scalars: {},
      step: ({ g, p }) => ({
        update: scaled ? lengthened(g, norm(g, 'tree').max(1), 1) : g,
        params: p,
        updates: g,
      }),
    }),
)

interface Observed extends Base, Entry {
  readonly alpha: TreeValue
  readonly identityScale: TreeValue
}

/** Takes the new differences, and multiplies by their factor from the right: $g - \alpha y$, $\alpha = \rho\langle s, g\rangle$. */
const observe: (scaled: boolean) => GradientTransformation<Observed> = /* @__PURE__ */ rememberFew(
  (scaled: boolean) =>
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
    }),
)

/** How many entries one call multiplies by: on WebGPU it binds 7 buffers, of 8 that every device has. */
const STRIDE = 5

/** Entries in as few groups, of nearly one size. */
const grouped = <T>(all: readonly T[]): readonly (readonly T[])[] => {
  const groups = Math.ceil(all.length / STRIDE)
  const end = (i: number): number => Math.round((i * all.length) / groups)
  return Array.from({ length: groups }, (_, i) => all.slice(end(i), end(i + 1)))
}

/** An entry, as the calls below read it. */
type Factor = {
  readonly s: TreeInput<'element'>
  readonly y: TreeInput<'element'>
  readonly rho: TreeInput<'tree'>
}

const factor: Factor = {
  s: { scope: 'element', at: 'state.diffParamsMemory' },
  y: { scope: 'element', at: 'state.diffUpdatesMemory' },
  rho: { scope: 'tree', at: 'state.weightsMemory' },
}

const factorOf = ({ diffParamsMemory: s, diffUpdatesMemory: y, weightsMemory: rho }: Entry) => ({ s, y, rho })

/**
 * Multiplies by the factors of so many entries from the right, the later ones first: what comes out, and each one's
 * $\alpha$. The terms say again what comes of the entries before one: no call stores anything between them.
 */
const fromRight = /* @__PURE__ */ rememberFew((size: number) =>
  treeFunction(new Array<Factor>(size).fill(factor), ({ g, inputs }) => {
    let v = g
    const alphas = inputs.map(({ s, y, rho }) => {
      const alpha = rho.mul(sum(s.mul(v), 'tree'))
      v = v.sub(alpha.mul(y))
      return slot('tree', alpha)
    })
    return [slot('element', v), ...alphas]
  }),
)

/** An entry from which the factor from the right has gone, and before the first one the identity's scale. */
type Turned = Factor & {
  readonly alpha: TreeInput<'tree'>
  readonly identityScale?: TreeInput<'tree'>
}

const turned: Turned = { ...factor, alpha: { scope: 'tree', at: 'alpha' } }

/** The same from the left, the earlier ones first; for the first of all by the identity's scale before. */
const fromLeft = /* @__PURE__ */ rememberFew((scaled: boolean) =>
  rememberFew((size: number) => {
    const declared = new Array<Turned>(size).fill(turned)
    if (scaled) declared[0] = { ...turned, identityScale: { scope: 'tree', at: 'identityScale' } }
    return treeFunction(declared, ({ g, inputs }) => [
      slot(
        'element',
        inputs.reduce<Term<'element'>>((v, { s, y, rho, alpha, identityScale }) => {
          const r = identityScale === undefined ? v : v.mul(identityScale)
          const beta = rho.mul(sum(y.mul(r), 'tree'))
          return r.add(alpha.sub(beta).mul(s))
        }, g),
      ),
    ])
  }),
)

/** What a step makes of a history. */
export interface Preconditioned<P> {
  /** The gradient times the approximate inverse Hessian. */
  readonly direction: P
  /** Where the next differences are taken from. */
  readonly base: Base
  /** The new entry. */
  readonly newest: Entry
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
  const before: Observed = {
    params: base.params,
    updates: base.updates,
    diffParamsMemory: replaced.diffParamsMemory,
    diffUpdatesMemory: replaced.diffUpdatesMemory,
    weightsMemory: like,
    alpha: like,
    identityScale: like,
  }
  const [observed, after] = made(observe(scaled).update<P>(grads, before, params))
  const { alpha, identityScale, params: p, updates: g } = after
  const { diffParamsMemory, diffUpdatesMemory, weightsMemory } = after
  const newest: Entry = { diffParamsMemory, diffUpdatesMemory, weightsMemory }
  let direction: Params = observed
  const turn = (to: Params): void => {
    dispose(direction)
    direction = to
  }
  const factors = [{ ...factorOf(newest), alpha: alpha as Params }]
  for (const group of grouped(older.map(factorOf))) {
    const [to = null, ...alphas] = made(fromRight(group.length)(direction, params, group))
    turn(to)
    factors.push(...group.map((each, i) => ({ ...each, alpha: alphas[i] ?? null })))
  }
  for (const [i, group] of grouped([...factors].reverse()).entries()) {
    const given = i === 0 ? group.map((each) => ({ ...each, identityScale })) : group
    const [to = null] = made(fromLeft(i === 0)(group.length)(direction, params, given))
    turn(to)
  }
  dispose(
    identityScale,
    factors.map((each) => each.alpha),
  )
  // the structure is that of the gradients
  return { direction: direction as P, base: { params: p, updates: g }, newest }
}
