/** Loop: what one pass over the elements of a leaf reads, computes and writes. Knows no WebAssembly. */
import type { Expr, Reduce } from '../rule/expr.js'
import { parts } from '../rule/fold.js'

/** One pass. */
export interface Loop {
  /** What is read per element: the gradient, the parameter, slots. */
  readonly streams: readonly Expr[]
  /** Terms that have one value for the whole leaf. */
  readonly uniforms: readonly Expr[]
  /** Terms that are written per element. */
  readonly stores: readonly Expr[]
  /** Reductions of terms that differ from element to element. */
  readonly reductions: readonly Reduce[]
  /** How often each term per element is used. */
  readonly uses: ReadonlyMap<Expr, number>
}

/**
 * The pass that stores some terms and reduces others. What is no element's is a uniform, unless it is `streamed`: read like
 * what is. What is in `uses` already was read and computed by the loop that wrote it there, and is not again.
 */
export const loopOf = (
  stores: readonly Expr[],
  reductions: readonly Reduce[],
  streamed: (node: Expr) => boolean = () => false,
  uses: Map<Expr, number> = new Map(),
): Loop => {
  const streams: Expr[] = []
  const uniforms: Expr[] = []
  const visit = (node: Expr): void => {
    const before = uses.get(node) ?? 0
    uses.set(node, before + 1)
    if (before > 0) return
    if (streamed(node)) streams.push(node)
    else if (node.scope !== 'element') uniforms.push(node)
    else if (parts(node).length === 0) streams.push(node)
    else parts(node).forEach(visit)
  }
  stores.forEach(visit)
  for (const { arg } of reductions) visit(arg)
  return { streams, uniforms, stores, reductions, uses }
}
