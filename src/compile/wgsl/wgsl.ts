/** A term as statements of WGSL: a fold that knows no device. */
import { type Expr, fold, type Reduce } from '../../rule/expr.js'
import { type Scope, widest } from '../../rule/scope.js'
import { binary, compare, unary } from './functions.js'

/** Where a value of the kernel stands, and how far it reaches. */
interface Value {
  readonly text: string
  readonly scope: Scope
}

/** The statements of some terms. */
export interface Statements {
  /** What does not depend on the element: once per thread. */
  readonly once: readonly string[]
  /** What does: in the loop. */
  readonly each: readonly string[]
  /** The name of a term's value. */
  readonly name: (expr: Expr) => string
}

/**
 * The statements that compute some terms.
 *
 * `read` gives the text of what a kernel finds in memory: host terms, inputs and finished reductions.
 */
export const statements = (exprs: readonly Expr[], read: (node: Expr) => string): Statements => {
  const once: string[] = []
  const each: string[] = []
  const names = new Map<Expr, string>()
  let count = 0
  const declare = (text: string, scope: Scope, type: 'F' | 'B' = 'F'): Value => {
    const name = `v${count++}`
    const into = scope === 'element' ? each : once
    into.push(`let ${name}: ${type} = ${text};`)
    return { text: name, scope }
  }
  const found = (node: Expr): Value => declare(read(node), node.scope)
  const visit = fold<Value, Value>({
    known: (node) => (node.scope === 'host' ? found(node) : undefined),
    atom: found,
    unary: (op, x) => declare(unary[op](x.text), x.scope),
    binary: (op, x, y) => declare(binary[op](x.text, y.text), widest([x.scope, y.scope])),
    compare: (op, x, y) => declare(compare[op](x.text, y.text), widest([x.scope, y.scope]), 'B'),
    select: (test, x, y) =>
      declare(`select(${y.text}, ${x.text}, ${test.text})`, widest([test.scope, x.scope, y.scope])),
    reduce: found,
  })
  for (const expr of exprs) names.set(expr, visit(expr).text)
  return { once, each, name: (expr) => names.get(expr) ?? '' }
}

/** A tensor's values per element that a term reads. */
export type ElementAtom = Extract<Expr, { readonly _tag: 'Gradient' | 'Parameter' | 'Slot' }>

/** What a term finds in memory. */
export interface Reads {
  /** Tensors with a value per element. */
  readonly elements: readonly ElementAtom[]
  /** Slots with one value per leaf or tree, and finished reductions. */
  readonly scalars: readonly (ElementAtom | Reduce)[]
}

/** What some terms read, each once. */
export const reads = (exprs: readonly Expr[]): Reads => {
  const seen = new Set<Expr>()
  const elements: ElementAtom[] = []
  const scalars: (ElementAtom | Reduce)[] = []
  const visit = (node: Expr): void => {
    if (seen.has(node) || node.scope === 'host') return
    seen.add(node)
    switch (node._tag) {
      case 'Gradient':
      case 'Parameter':
      case 'Slot':
        if (node.scope === 'element') elements.push(node)
        else scalars.push(node)
        return
      case 'Reduce':
        scalars.push(node)
        return
      case 'Unary':
        visit(node.arg)
        return
      case 'Binary':
        visit(node.left)
        visit(node.right)
        return
      case 'Select':
        for (const part of [node.test.left, node.test.right, node.then, node.else]) visit(part)
    }
  }
  exprs.forEach(visit)
  return { elements, scalars }
}

/** A term for people to read. */
export const printed = (expr: Expr): string => {
  const { once, each } = statements([expr], (node) =>
    node._tag === 'Slot' || node._tag === 'Scalar' ? node.name : node._tag,
  )
  return [...once, ...each].join('\n')
}
