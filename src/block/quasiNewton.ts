/**
 * The two-loop recursion of L-BFGS, as rules that are made once: what a few entries of the history do is one call.
 *
 * Inner products are values of the tree, so that those of tensors stay on the device.
 */
import { norm, sum } from '../declare/reduction.js'
import { dispose } from '../program/dispose.js'
import type { TreeValue } from '../program/program.js'
import { rememberFew } from '../rule/intern.js'
import type { Leaf, Params } from '../rule/leaf.js'
import { countOf, isNumberLeaf } from '../rule/ndarray.js'
import { lengthened } from '../rule/ratio.js'
import { slot, zeros } from '../rule/slot.js'
import { constant, select, type Term } from '../rule/term.js'
import { fromRule } from '../transform/fromRule.js'
import type { GradientTransformation } from '../transform/transformation.js'
import { type TreeInput, type TreeTerms, treeFunction } from '../transform/treeFunction.js'
import { isArray, isBranch } from '../tree/tree.js'

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

/** An entry, as the calls below read it. */
type Factor = {
  readonly s: TreeInput<'element'>
  readonly y: TreeInput<'element'>
  readonly rho: TreeInput<'tree'>
  /** Before the first factor from the left: that of the identity. */
  readonly identityScale?: TreeInput<'tree'>
}

/** One from which the factor from the right has gone. */
type Turned = Factor & { readonly alpha: TreeInput<'tree'> }

/** One from which it may have. */
type PerhapsTurned = Factor & Partial<Turned>

type Terms<I extends Factor> = TreeTerms<I>['inputs'][number]

const factor: Factor = {
  s: { scope: 'element', at: 'state.diffParamsMemory' },
  y: { scope: 'element', at: 'state.diffUpdatesMemory' },
  rho: { scope: 'tree', at: 'state.weightsMemory' },
}

const turned: Turned = { ...factor, alpha: { scope: 'tree', at: 'alpha' } }

const identityScale: TreeInput<'tree'> = { scope: 'tree', at: 'identityScale' }

/** Multiplies by the factors of entries from the right, the later ones first: what comes out, and each one's $\alpha$. */
const timesRight = (
  g: Term<'element'>,
  entries: readonly Terms<PerhapsTurned>[],
): readonly [Term<'element'>, readonly Terms<Turned>[]] => {
  let v = g
  const all = entries.map((entry) => {
    const { s, y, rho, alpha: known } = entry
    if (known !== undefined) return { ...entry, alpha: known }
    const alpha = rho.mul(sum(s.mul(v), 'tree'))
    v = v.sub(alpha.mul(y))
    return { ...entry, alpha }
  })
  return [v, all]
}

/** The same from the left, the earlier ones first. */
const timesLeft = (g: Term<'element'>, entries: readonly Terms<Turned>[]): Term<'element'> =>
  entries.reduce((v, { s, y, rho, alpha, identityScale }) => {
    const r = identityScale === undefined ? v : v.mul(identityScale)
    const beta = rho.mul(sum(y.mul(r), 'tree'))
    return r.add(alpha.sub(beta).mul(s))
  }, g)

/**
 * The factors of so many entries from the right. The terms say again what comes of the entries before one: no call stores
 * anything between them.
 */
const fromRight = /* @__PURE__ */ rememberFew((size: number) =>
  treeFunction(new Array<Factor>(size).fill(factor), ({ g, inputs }) => {
    const [v, all] = timesRight(g, inputs)
    return [slot('element', v), ...all.map(({ alpha }) => slot('tree', alpha))]
  }),
)

/** From the left; before the first of all the identity's scale. */
const fromLeft = /* @__PURE__ */ rememberFew((scaled: boolean) =>
  rememberFew((size: number) => {
    const declared = new Array<Turned>(size).fill(turned)
    if (scaled) declared[0] = { ...turned, identityScale }
    return treeFunction(declared, ({ g, inputs }) => [slot('element', timesLeft(g, inputs))])
  }),
)

/** From both sides, of all entries at once; from the right, that of the first has gone before. */
const fromBoth = /* @__PURE__ */ rememberFew((size: number) => {
  const declared = new Array<PerhapsTurned>(size).fill(factor)
  declared[0] = turned
  declared[size - 1] = { ...(declared[size - 1] ?? factor), identityScale }
  return treeFunction(declared, ({ g, inputs }) => {
    const [v, all] = timesRight(g, inputs)
    return [slot('element', timesLeft(v, [...all].reverse()))]
  })
})

/** Of so few numbers one call does everything: what it has computed of the entries before one, it keeps. */
const FEW = { elements: 128, entries: 16 }

/** Whether a tree has few elements, and no tensors. */
const hasFew = (tree: Params): boolean => {
  let left = FEW.elements
  const visit = (node: Params): void => {
    if (node === null || left < 0) return
    if (!isBranch<Leaf>(node)) left -= isNumberLeaf(node) ? countOf(node) : FEW.elements + 1
    else if (isArray(node)) node.forEach(visit)
    else for (const key in node) visit(node[key] ?? null)
  }
  visit(tree)
  return left >= 0
}

/** How many entries one call multiplies by: on WebGPU it binds 7 buffers, of 8 that every device has. */
const STRIDE = 5

/** Entries in as few groups, of nearly one size. */
const grouped = <T>(all: readonly T[]): readonly (readonly T[])[] => {
  const groups = Math.ceil(all.length / STRIDE)
  const end = (i: number): number => Math.round((i * all.length) / groups)
  return Array.from({ length: groups }, (_, i) => all.slice(end(i), end(i + 1)))
}

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
 * stays. `older` are the others, the latest first, of which so many are `known`, and the rest without effect. Announces
 * what it makes, so that it is freed should anything throw.
 */
export const precondition = <P extends Params>(
  scaled: boolean,
  grads: P,
  params: Params | undefined,
  base: Base,
  replaced: Entry,
  older: readonly Entry[],
  known: number,
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
  const { identityScale, diffParamsMemory, diffUpdatesMemory, weightsMemory } = after
  const newest: Entry = { diffParamsMemory, diffUpdatesMemory, weightsMemory }
  const done = (direction: Params): Preconditioned<P> => ({
    direction: direction as P, // the structure is that of the gradients
    base: { params: after.params, updates: after.updates },
    newest,
  })
  const given = (entry: Entry, alpha: Params) => ({
    s: entry.diffParamsMemory,
    y: entry.diffUpdatesMemory,
    rho: entry.weightsMemory,
    alpha,
    identityScale,
  })
  const first = given(newest, after.alpha)

  // those without effect as well: one program serves all steps
  if (older.length < FEW.entries && hasFew(observed)) {
    const all = [first, ...older.map((entry) => given(entry, null))]
    const [direction = null] = fromBoth(all.length)(observed, params, all)
    return done(direction)
  }

  let direction: Params = observed
  const turn = (to: Params): void => {
    dispose(direction)
    direction = to
  }
  const factors = [first]
  for (const group of grouped(older.slice(0, known))) {
    const entries = group.map((entry) => given(entry, null))
    const [to = null, ...alphas] = made(fromRight(group.length)(direction, params, entries))
    turn(to)
    factors.push(...group.map((entry, i) => given(entry, alphas[i] ?? null)))
  }
  for (const [i, group] of grouped([...factors].reverse()).entries()) {
    const [to = null] = made(fromLeft(i === 0)(group.length)(direction, params, group))
    turn(to)
  }
  dispose(
    identityScale,
    factors.map(({ alpha }) => alpha),
  )
  return done(direction)
}
