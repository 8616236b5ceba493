/**
 * The interpreters that go leaf by leaf: stage after stage of reductions, then the outputs.
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
  /** Evaluates terms for one leaf. `known` has the host's values and those of finished reductions. */
  readonly evaluate: (leaf: LeafWork<V>, known: (expr: Expr) => V | undefined) => (expr: Expr) => V
  /** Gives every output its shape and memory of its own. */
  readonly finish: (leaf: LeafWork<V>, values: Values<V>) => Values<V>
  /** Frees what was made meanwhile and is not among what is kept of the result. */
  readonly tidy: <T>(compute: () => T, kept: (result: T) => readonly V[]) => T
}

/** The interpreter that uses an arithmetic. */
export const perLeaf = <V>(arithmetic: Arithmetic<V>): Interpreter<V> => {
  const { tidy, evaluate, finish, combine } = arithmetic

  return (work) => {
    const { plan, host } = work.job
    const leaves = leafWorks(work)
    const scalars = new Map<Expr, V>()
    const ofTree = new Map<string, V>()
    const ofLeaf = new Map<LeafWork<V>, Map<Reduce, V>>(leaves.map((leaf) => [leaf, new Map()]))
    const evaluator = (leaf: LeafWork<V>): ((expr: Expr) => V) =>
      evaluate(leaf, (expr) => {
        if (expr.scope === 'host') return scalars.get(expr)
        if (expr._tag !== 'Reduce') return undefined
        return expr.over === 'tree' ? ofTree.get(expr.site) : ofLeaf.get(leaf)?.get(expr)
      })

    const reduceStage = (stage: number): void => {
      const shares = new Map<string, V>()
      for (const leaf of leaves) {
        const reduced = tidy(
          () => {
            const value = evaluator(leaf)
            return (leaf.plan.stages[stage] ?? []).map((node) => [node, value(node)] as const)
          },
          (pairs) => pairs.map(([, value]) => value),
        )
        for (const [node, value] of reduced) {
          if (node.over === 'leaf') ofLeaf.get(leaf)?.set(node, value)
          else {
            const before = shares.get(node.site)
            shares.set(node.site, before === undefined ? value : combine(node.kind, before, value))
          }
        }
      }
      for (const [site, value] of shares) ofTree.set(site, value)
    }

    const outputsOf = (leaf: LeafWork<V>, done: Values<V>): Values<V> =>
      tidy(
        () => {
          const value = evaluator(leaf)
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
        for (let stage = 0; stage < plan.stages; stage++) reduceStage(stage)
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
