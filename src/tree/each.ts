/** Walks through trees when order and paths do not matter: every step does this, so it only visits nodes. */
import { MAX_LEVELS } from './path.js'
import { type Branch, explain, isArray, isBranch, type Tree } from './tree.js'

/** Visits a tree in any order, and goes below a branch only if told so. */
const goThrough = <A>(
  tree: Tree<A>,
  onObject: ((leaf: A & object) => void) | null,
  onBranch: (branch: Branch<A>) => 'go on' | 'enough',
): void => {
  const visit = (node: Tree<A>, depth: number): void => {
    if (typeof node !== 'object' || node === null) return
    if (!isBranch(node)) onObject?.(node)
    else if (depth >= MAX_LEVELS) explain(tree)
    else if (onBranch(node) === 'enough') return
    else if (isArray(node))
      for (let i = 0; i < node.length; i++) {
        const child = node[i]
        if (typeof child === 'number') continue
        if (child === undefined && !(i in node)) explain(tree)
        visit(child ?? null, depth + 1)
      }
    else for (const key in node) visit(node[key] ?? null, depth + 1)
  }
  visit(tree, 0)
}

/** Calls a function for every leaf that is an object, in any order; numbers are skipped. */
export const eachObject = <A>(tree: Tree<A>, f: (leaf: A & object) => void): void =>
  goThrough(tree, f, () => 'go on')

/** Calls a function for every branch, in any order; it says whether to look below. */
export const eachBranch = <A>(tree: Tree<A>, f: (branch: Branch<A>) => 'go on' | 'enough'): void =>
  goThrough(tree, null, f)
