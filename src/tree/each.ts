/** Walks through trees where order and paths do not matter: what every step does costs nothing but the visits. */
import { MAX_LEVELS } from './path.js'
import { type Branch, explain, isArray, isBranch, type Tree } from './tree.js'

/** Goes through a tree in any order. Below a branch only where it is told to go on. */
const goThrough = <A>(
  tree: Tree<A>,
  onLeaf: (leaf: A) => void,
  onBranch: (branch: Branch<A>) => 'go on' | 'enough',
): void => {
  const visit = (node: Tree<A>, depth: number): void => {
    if (node === null || node === undefined) return
    if (!isBranch(node)) onLeaf(node)
    else if (depth >= MAX_LEVELS) explain(tree)
    else if (onBranch(node) === 'enough') return
    else if (isArray(node))
      for (let i = 0; i < node.length; i++) {
        const child = node[i]
        if (child === undefined && !(i in node)) explain(tree)
        visit(child ?? null, depth + 1)
      }
    else for (const key in node) visit(node[key] ?? null, depth + 1)
  }
  visit(tree, 0)
}

const nothing = (): void => {}

/** Calls a function for every leaf, in any order. */
export const eachLeaf = <A>(tree: Tree<A>, f: (leaf: A) => void): void => goThrough(tree, f, () => 'go on')

/** Calls a function for every branch, in any order; it says whether to look below. */
export const eachBranch = <A>(tree: Tree<A>, f: (branch: Branch<A>) => 'go on' | 'enough'): void =>
  goThrough(tree, nothing, f)
