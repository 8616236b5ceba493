/**
 * The interpreters that go leaf by leaf: stage after stage of reductions, then the outputs. Leaves that share nothing are
 * done one after the other, each as a whole, so that what a reduction was made of is there when the next is.
 *
 * What differs between them is an `Arithmetic`: how values of one kind are computed and combined.
 */
import type { Expr, Reduce, ReduceKind } from '../rule/expr.js'
import { type Column, type Interpreter, type LeafWork, leafWorks } from './work.js'

/** Outputs of one leaf, by name. */
export type Values<V> = Readonly<Record<string, V>>

/** How values of one kind are computed. */
export interface Arithmetic<V> {
  /** A host scalar, made once per step. */
  readonly scalar: (value: number) => V
  /** Two leaves' shares of a reduction over the tree. */
  readonly combine: (kind: ReduceKind, a: V, b: V) => V
  /**
   * Evaluates terms for one leaf. `known` has the host's values and those of finished reductions. Of a norm it gives the
   * sum of squares, of elements that were multiplied by `power` if there is one.
   */
  readonly evaluate: (leaf: LeafWork<V>, known: (expr: Expr) => V | undefined, power?: V) => (expr: Expr) => V
  /** What the elements of a norm are to be multiplied by, given the sum of their squares; `null` if nothing is lost. */
  readonly powerFor: (squares: V) => V | null
  /** The norm, of some leaves' elements that were multiplied by a power of two if there is one. */
  readonly root: (squares: V, power: V | null, leaves: readonly LeafWork<V>[]) => V
  /** Gives every output its shape and memory of its own. */
  readonly finish: (leaf: LeafWork<V>, values: Values<V>) => Values<V>
  /** Frees what was made meanwhile and is not among what is kept of the result. */
  readonly tidy: <T>(compute: () => T, kept: (result: T) => readonly V[]) => T
}

/** What is reduced together: a reduction of one leaf, or those of one site. */
interface Whole<V> {
  readonly kind: ReduceKind
  readonly parts: { readonly leaf: LeafWork<V>; readonly node: Reduce }[]
  readonly keep: (value: V) => void
}

/** The interpreter that uses an arithmetic. */
export const perLeaf = <V>(arithmetic: Arithmetic<V>): Interpreter<V> => {
  const { tidy, evaluate, finish, combine } = arithmetic

  return (work) => {
    const { plan, host } = work.job
    const leaves = leafWorks(work)
    const scalars = new Map<Expr, V>()
    const ofTree = new Map<string, V>()
    const ofLeaf = new Map<LeafWork<V>, Map<Expr, V>>(leaves.map((leaf) => [leaf, new Map()]))
    const knownOf =
      (leaf: LeafWork<V>) =>
      (expr: Expr): V | undefined => {
        if (expr.scope === 'host') return scalars.get(expr)
        if (expr._tag === 'Reduce' && expr.over === 'tree') return ofTree.get(expr.site)
        return ofLeaf.get(leaf)?.get(expr)
      }
    const evaluator = (leaf: LeafWork<V>, power?: V): ((expr: Expr) => V) =>
      evaluate(leaf, knownOf(leaf), power)

    const wholesOf = (stage: number): readonly Whole<V>[] => {
      const sites = new Map<string, Whole<V>>()
      const wholes: Whole<V>[] = []
      for (const leaf of leaves)
        for (const node of leaf.plan.stages[stage] ?? []) {
          const { kind, site } = node
          const known = node.over === 'tree' ? sites.get(site) : undefined
          if (known !== undefined) {
            known.parts.push({ leaf, node })
            continue
          }
          const keep = (value: V): unknown =>
            node.over === 'tree' ? ofTree.set(site, value) : ofLeaf.get(leaf)?.set(node, value)
          const whole = { kind, parts: [{ leaf, node }], keep }
          wholes.push(whole)
          if (node.over === 'tree') sites.set(site, whole)
        }
      return wholes
    }

    /** The wholes' values, a leaf at a time; of norms the sums of squares, of elements times a power of two. */
    const reduceAll = (wholes: readonly Whole<V>[], power?: V): ReadonlyMap<Whole<V>, V> => {
      const parts = new Map<LeafWork<V>, (readonly [Whole<V>, Reduce])[]>()
      for (const whole of wholes)
        for (const { leaf, node } of whole.parts) {
          const own = parts.get(leaf) ?? []
          own.push([whole, node])
          parts.set(leaf, own)
        }
      const values = new Map<Whole<V>, V>()
      // leaf after leaf: what a tree's shares add up to does not depend on what else is reduced
      for (const leaf of leaves) {
        const nodes = parts.get(leaf)
        if (nodes === undefined) continue
        const reduced = tidy(
          () => {
            const value = evaluator(leaf, power)
            return nodes.map(([whole, node]) => [whole, value(node)] as const)
          },
          (pairs) => pairs.map(([, value]) => value),
        )
        for (const [whole, value] of reduced) {
          const before = values.get(whole)
          values.set(whole, before === undefined ? value : combine(whole.kind, before, value))
        }
      }
      return values
    }

    const reduceStage = (stage: number): void => {
      for (const [whole, value] of reduceAll(wholesOf(stage)))
        whole.keep(whole.kind === 'norm' ? normOf(whole, value) : value)
    }

    const normOf = (whole: Whole<V>, squares: V): V =>
      rootOf(
        squares,
        whole.parts.map(({ leaf }) => leaf),
        (power) => reduceAll([whole], power).get(whole) ?? squares,
      )

    const rootOf = (squares: V, of: readonly LeafWork<V>[], again: (power: V) => V): V => {
      const power = arithmetic.powerFor(squares)
      return arithmetic.root(power === null ? squares : again(power), power, of)
    }

    /** The stages of a leaf that shares nothing, whose terms are computed once for all. */
    const reduceAlone = (leaf: LeafWork<V>, value: (expr: Expr) => V): void => {
      const known = knownOf(leaf)
      for (const node of leaf.plan.stages.flat()) {
        const arg = value(node.arg)
        const reduced = (power?: V): V =>
          evaluate(leaf, (expr) => (expr === node.arg ? arg : known(expr)), power)(node)
        const whole = reduced()
        ofLeaf.get(leaf)?.set(node, node.kind === 'norm' ? rootOf(whole, [leaf], reduced) : whole)
      }
    }

    const sharing = leaves.some((leaf) => leaf.plan.shares)
    const outputsOf = (leaf: LeafWork<V>, done: Values<V>): Values<V> =>
      tidy(
        () => {
          const value = evaluator(leaf)
          if (!sharing) reduceAlone(leaf, value)
          const wanted = Object.entries(leaf.plan.outputs).filter(([name]) => !Object.hasOwn(done, name))
          return finish(leaf, Object.fromEntries(wanted.map(([name, { expr }]) => [name, value(expr)])))
        },
        Object.values<V>,
      )

    return tidy(
      () => {
        // here, not where one is first used: what a leaf makes is gone when the next one begins
        for (const [i, expr] of host.entries())
          scalars.set(expr, arithmetic.scalar(work.host[i] ?? Number.NaN))
        for (const [leaf, own] of ofLeaf)
          for (const [node, value] of leaf.scalars) own.set(node, arithmetic.scalar(value))
        for (let stage = 0; sharing && stage < plan.stages; stage++) reduceStage(stage)
        const tree: Record<string, V> = {}
        const columns: Record<string, (V | null)[]> = {}
        for (const [i, leaf] of leaves.entries())
          for (const [name, value] of Object.entries(outputsOf(leaf, tree)))
            if (leaf.plan.outputs[name]?.scope === 'tree') tree[name] = value
            else {
              columns[name] ??= leaves.map(() => null)
              columns[name][i] = value
            }
        return { columns, tree }
      },
      ({ columns, tree }) => [
        ...Object.values<Column<V>>(columns).flatMap((column) => column.filter((value) => value !== null)),
        ...Object.values(tree),
      ],
    )
  }
}
