/**
 * Which term of a step is computed in which round: terms of matrices are no kernel's, and what is made of them is computed
 * after them.
 */
import { type Expr, isMatrixTerm, type MatrixTerm, type Reduce, Slot } from '../rule/expr.js'
import { parts, rewrite, subterms } from '../rule/fold.js'
import { type LeafPlan, plan } from '../rule/plan.js'
import { exprsOf, type Output, type Outputs, UPDATE } from '../rule/rule.js'
import { takenOut } from '../rule/takenOut.js'
import { passesOver } from '../rule/traversals.js'

// names

/** What a term of matrices is called once it is there, as a slot. */
export const nameOf = (node: MatrixTerm): string => `matrices ${node.id}`

/** What a term of matrices is made of, and a round computes: not what the host knows. */
const operandsOf = (node: MatrixTerm): readonly Expr[] =>
  node._tag === 'Orthogonal' ? [node.args[0]] : node.args

const OPERAND = 'operand '

const operandName = (operand: Expr): string =>
  isMatrixTerm(operand) ? nameOf(operand) : OPERAND + operand.id

/** The names of its operands: those of other terms of matrices, or what a round computes for it. */
export const operandNames = (node: MatrixTerm): readonly string[] => operandsOf(node).map(operandName)

/** Whether a name is that of what a round computes for terms of matrices, and for nothing else. */
export const isOperand = (name: string): boolean => name.startsWith(OPERAND)

/** What begins the names of shares of sums over the tree, which nobody asked for. */
export const SHARE = 'share '

const isOfTree = (node: Expr): node is Reduce => node._tag === 'Reduce' && node.over === 'tree'

/** A term with a slot in the place of every term of matrices. */
const cut = rewrite(
  (node) => node,
  undefined,
  (node) => Slot(nameOf(node), 'element'),
)

// rounds

/** What the leaves reduce together: the nodes of each site, and those that one plan has. */
interface Sites {
  readonly all: ReadonlyMap<string, readonly Reduce[]>
  readonly own: ReadonlyMap<LeafPlan, ReadonlyMap<string, Reduce>>
}

const sitesOf = (plans: readonly LeafPlan[]): Sites => {
  const all = new Map<string, Reduce[]>()
  const own = new Map<LeafPlan, Map<string, Reduce>>()
  for (const each of plans) {
    const mine = new Map<string, Reduce>()
    for (const node of subterms(exprsOf(each.outputs)).filter(isOfTree)) {
      all.set(node.site, [...(all.get(node.site) ?? []), node])
      mine.set(node.site, node)
    }
    own.set(each, mine)
  }
  return { all, own }
}

/** How many terms of matrices lie one below the other in a term; of a sum over the tree, in any leaf's share of it. */
const depths = ({ all }: Sites): ((node: Expr) => number) => {
  const known = new Map<Expr | string, number>()
  const remembered = (key: Expr | string, make: () => number): number => {
    const depth = known.get(key) ?? make()
    known.set(key, depth)
    return depth
  }
  const most = (nodes: readonly Expr[]): number =>
    nodes.reduce((depth, node) => Math.max(depth, depthOf(node)), 0)
  const depthOf = (node: Expr): number =>
    remembered(node, () =>
      isMatrixTerm(node)
        ? 1 + most(operandsOf(node))
        : isOfTree(node)
          ? remembered(node.site, () => most((all.get(node.site) ?? []).map(({ arg }) => arg)))
          : most(parts(node)),
    )
  return depthOf
}

/** What each plan has in one round. */
export interface PlannedRound {
  /** What is computed, under the names of outputs, of operands, and of shares; of plans that have anything to compute. */
  readonly outputs: ReadonlyMap<LeafPlan, Outputs>
  /** What is then made of matrices. */
  readonly matrices: ReadonlyMap<LeafPlan, readonly MatrixTerm[]>
}

/**
 * Which output is computed when: as soon as it can be, but not before the last round that reads what it replaces, so that it
 * may take the place of that.
 */
export const roundsOf = (plans: readonly LeafPlan[]): readonly PlannedRound[] => {
  const sites = sitesOf(plans)
  const depthOf = depths(sites)
  const count = 1 + Math.max(0, ...plans.flatMap(({ outputs }) => exprsOf(outputs).map(depthOf)))
  const placed = new Map(
    plans.map((each) => [
      each,
      new Map(Object.entries(each.outputs).map(([name, { expr }]) => [name, depthOf(expr)])),
    ]),
  )

  const matricesIn = (round: number, { outputs }: LeafPlan): readonly MatrixTerm[] =>
    subterms(exprsOf(outputs)).filter(
      (node): node is MatrixTerm => isMatrixTerm(node) && depthOf(node) === round + 1,
    )

  const itemsIn = (round: number, each: LeafPlan): Record<string, Output> => {
    const items: Record<string, Output> = {}
    for (const [name, { expr, scope }] of Object.entries(each.outputs))
      if (placed.get(each)?.get(name) === round) items[name] = { expr: cut(expr), scope }
    for (const operand of matricesIn(round, each).flatMap(operandsOf))
      if (!isMatrixTerm(operand)) items[operandName(operand)] = { expr: cut(operand), scope: 'element' }
    return items
  }

  /** A sum over the tree wants every leaf's share, whether or not the leaf has any other use for it. */
  const withShares = (round: number): Map<LeafPlan, Record<string, Output>> => {
    const items = new Map(plans.map((each) => [each, itemsIn(round, each)]))
    for (let grown = true; grown; ) {
      grown = false
      const wanted = new Set(
        [...items.values()].flatMap((own) =>
          subterms(exprsOf(own))
            .filter(isOfTree)
            .map(({ site }) => site),
        ),
      )
      for (const [each, own] of items) {
        const had = new Set(
          subterms(exprsOf(own))
            .filter(isOfTree)
            .map(({ site }) => site),
        )
        for (const [site, node] of sites.own.get(each) ?? [])
          if (wanted.has(site) && !had.has(site)) {
            own[SHARE + site] = { expr: cut(node), scope: 'tree' }
            grown = true
          }
      }
    }
    return items
  }

  /** Puts off what would be replaced while it is still read; whether there was any. */
  const putOff = (round: number): boolean => {
    let some = false
    const later = (each: LeafPlan, name: string): void => {
      const places = placed.get(each)
      if ((places?.get(name) ?? round) >= round) return
      places?.set(name, round)
      some = true
    }
    for (const [each, own] of withShares(round))
      for (const node of subterms(exprsOf(own)))
        if (node._tag === 'Parameter') later(each, UPDATE)
        else if (node._tag === 'Slot')
          for (const other of node.scope === 'tree' ? plans : [each]) later(other, node.name)
    return some
  }

  for (let moved = true; moved; ) {
    moved = false
    for (let round = 1; round < count; round++) moved = putOff(round) || moved
    // one number for all leaves
    for (const [each, places] of placed)
      for (const [name, round] of places)
        if (each.outputs[name]?.scope === 'tree')
          for (const other of placed.values())
            if ((other.get(name) ?? round) < round) moved = other.set(name, round) === other
  }
  return Array.from({ length: count }, (_, round) => ({
    outputs: new Map([...withShares(round)].filter(([, own]) => Object.keys(own).length > 0)),
    matrices: new Map(plans.map((each) => [each, matricesIn(round, each)])),
  }))
}

/** How often a step of one leaf's outputs goes over memory, its products left out. */
export const passesBesideProducts = (outputs: Outputs): number =>
  roundsOf([...plan([takenOut(outputs)]).leaves.values()])
    .flatMap((round) => [...plan([...round.outputs.values()]).leaves.values()])
    .reduce((passes, leaf) => passes + passesOver(leaf), 0)
