/**
 * A term as statements of a shading language, WGSL or GLSL: a fold that knows no device. Operators are functions that
 * each language defines under the same names.
 */
import type { BinaryOp, CompareOp, Expr, LeafScalar, Reduce } from '../rule/expr.js'
import { fold } from '../rule/fold.js'
import { type Extent, isAxes, widest } from '../rule/scope.js'

/** A statement: a name for a value, a number or a truth value. */
export interface Statement {
  readonly name: string
  readonly type: 'F' | 'B'
  readonly text: string
}

/** How a language chooses one of two numbers. */
export type Choose = (test: string, then: string, otherwise: string) => string

const operators: Readonly<Partial<Record<BinaryOp, string>>> = { add: '+', sub: '-', mul: '*', div: '/' }

const binary = (op: BinaryOp, x: string, y: string): string => {
  const sign = operators[op]
  return sign === undefined ? `${op}_f(${x}, ${y})` : `${x} ${sign} ${y}`
}

const compare = (op: CompareOp, x: string, y: string): string => `${op}_f(${x}, ${y})`

/** Where a value of the kernel stands, and how far it reaches. */
interface Value {
  readonly text: string
  readonly scope: Extent
}

/** The statements of some terms. */
export interface Statements {
  /** What depends neither on the element nor on its row or column: once per thread. */
  readonly once: readonly Statement[]
  /** What does: in the loop. */
  readonly each: readonly Statement[]
  /** The name of a term's value. */
  readonly name: (expr: Expr) => string
}

/**
 * The statements that compute some terms.
 *
 * `read` gives the text of what a kernel finds in memory: host terms, inputs and finished reductions.
 */
export const statements = (
  exprs: readonly Expr[],
  read: (node: Expr) => string,
  choose: Choose,
): Statements => {
  const once: Statement[] = []
  const each: Statement[] = []
  const names = new Map<Expr, string>()
  let count = 0
  const declare = (text: string, scope: Extent, type: 'F' | 'B' = 'F'): Value => {
    const name = `v${count++}`
    const into = scope === 'element' || isAxes(scope) ? each : once
    into.push({ name, type, text })
    return { text: name, scope }
  }
  const found = (node: Expr): Value => declare(read(node), node.scope)
  const visit = fold<Value, Value>({
    known: (node) => (node.scope === 'host' ? found(node) : undefined),
    atom: found,
    unary: (op, x) => declare(`${op}_f(${x.text})`, x.scope),
    binary: (op, x, y) => declare(binary(op, x.text, y.text), widest([x.scope, y.scope])),
    compare: (op, x, y) => declare(compare(op, x.text, y.text), widest([x.scope, y.scope]), 'B'),
    select: (test, x, y) =>
      declare(choose(test.text, x.text, y.text), widest([test.scope, x.scope, y.scope])),
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
  /** Slots with values along some axes. */
  readonly axes: readonly ElementAtom[]
  /** Slots with one value per leaf or tree, what the host knows of the leaf, and finished reductions. */
  readonly scalars: readonly (ElementAtom | LeafScalar | Reduce)[]
}

/** What some terms read, each once. */
export const reads = (exprs: readonly Expr[]): Reads => {
  const seen = new Set<Expr>()
  const elements: ElementAtom[] = []
  const axes: ElementAtom[] = []
  const scalars: (ElementAtom | LeafScalar | Reduce)[] = []
  const visit = (node: Expr): void => {
    if (seen.has(node) || node.scope === 'host') return
    seen.add(node)
    switch (node._tag) {
      case 'Gradient':
      case 'Parameter':
      case 'Slot':
        ;(node.scope === 'element' ? elements : isAxes(node.scope) ? axes : scalars).push(node)
        return
      case 'LeafScalar':
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
  return { elements, axes, scalars }
}

/** A term for people to read. */
export const printed = (expr: Expr): string => {
  const { once, each } = statements(
    [expr],
    (node) => ('name' in node ? node.name : node._tag),
    (test, then, otherwise) => `${test} ? ${then} : ${otherwise}`,
  )
  return [...once, ...each].map(({ name, text }) => `${name} = ${text}`).join('\n')
}
