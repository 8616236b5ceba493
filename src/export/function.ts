/** Functions of a Python module: what a rule does on a leaf, or what of the leaf goes into a total of the tree. */
import { bodyOf, type Writing } from '../compile/python/body.js'
import { constantText } from '../compile/python/constants.js'
import { keptAlong, type LeafLibrary } from '../compile/python/library.js'
import { Names } from '../compile/python/names.js'
import { atom, floatText, type Printed, stringText } from '../compile/python/text.js'
import { type Expr, type LeafScalar, type MatrixTerm, Reduce } from '../rule/expr.js'
import { parts } from '../rule/fold.js'
import type { Output, Outputs } from '../rule/rule.js'
import { differs, type Extent, isAxes, rankOf } from '../rule/scope.js'
import { isOfMatrices } from '../rule/view.js'

/** What the functions of one kind of step share. */
export interface Shared {
  readonly library: LeafLibrary
  /** Scalars that are the same in every step. */
  readonly constants: ReadonlyMap<string, number>
  /** What slots are called in the module, by their places. */
  readonly slots: ReadonlyMap<string, string>
  /** How far slots reach in rules that are not bound to a leaf. */
  readonly scopes: ReadonlyMap<string, Extent>
  /** What is read like a slot, but is an extra argument: what it is called among the numbers of a step. */
  readonly inputs: ReadonlyMap<string, string>
  /** What a term of the host's that is no constant, or a total of the tree, is called among the numbers of a step. */
  readonly number: (expr: Expr) => string
  /** The function of the module that makes a term of matrices. */
  readonly maker: (node: MatrixTerm) => string
}

/** A parameter of a function, beside those that all have: what the host knows of a leaf. */
export interface Argument {
  readonly name: string
  readonly node: LeafScalar
}

/** A function's statements, without its head. */
export interface Statements {
  readonly args: readonly Argument[]
  readonly lines: readonly string[]
}

/** How a function reads what it is given, and what it is made of. */
interface Reading {
  readonly writing: Writing
  /** Statements that come first, and what they are given. */
  readonly head: () => Statements
}

/** A function's locals that are taken whatever it computes. */
const parameters = ['g', 'p', 'slots', 'numbers', 'jnp', 'jax', 'math', 'torch', 'like', 'update']

/** The axes along which a value of an extent differs, or those along which it does not. */
const axesOf = (extent: Extent, differing: boolean): readonly number[] =>
  isAxes(extent)
    ? differs(extent, rankOf(extent)).flatMap((own, axis) => (own === differing ? [axis] : []))
    : []

const reading = (
  shared: Shared,
  called?: ReadonlyMap<Expr, string>,
  names = new Names(parameters),
): Reading => {
  const { library, constants, slots, inputs, number, maker } = shared
  const { ofAll: cast, ofLeaf, head } = library
  const [ofSlots, ofConstants, ofNumbers]: [string[], string[], string[]] = [[], [], []]
  const args: Argument[] = []
  let casts = false
  const sizes = new Map<string, string>()
  const known = new Map<Expr, Printed>()
  const constantNames = new Map<string, string>()
  const constant = constantText(constants, (scalar) => {
    const before = constantNames.get(scalar)
    if (before !== undefined) return before
    const name = names.of(scalar)
    constantNames.set(scalar, name)
    ofConstants.push(`${name} = ${floatText(constants.get(scalar) ?? Number.NaN)}`)
    return name
  })
  const ofAll = (key: string): Printed => {
    const name = names.fresh(key)
    casts = true
    ofNumbers.push(`${name} = ${cast(`numbers[${stringText(key)}]`)}`)
    return atom(name)
  }
  const read = (node: Expr): Printed | undefined => {
    if (node.scope === 'host') return constant(node) ?? ofAll(number(node))
    switch (node._tag) {
      case 'Gradient':
        return atom('g')
      case 'Parameter':
        return atom('p')
      case 'Slot': {
        const input = inputs.get(node.name)
        if (input !== undefined) return ofAll(input)
        const key = slots.get(node.name) ?? node.name
        const name = names.fresh(key)
        const text = `slots[${stringText(key)}]`
        if (node.scope === 'tree') casts = true
        const value = isAxes(node.scope) ? library.beside(text, axesOf(node.scope, false)) : text
        ofSlots.push(`${name} = ${node.scope === 'tree' ? cast(text) : value}`)
        return atom(name)
      }
      case 'LeafScalar': {
        const name = names.of(node.name)
        args.push({ name, node })
        casts = true
        return atom(name)
      }
      case 'Reduce':
        return node.over === 'tree' ? ofAll(number(node)) : undefined
      default:
        return undefined
    }
  }
  return {
    writing: {
      library,
      names,
      known: (node) => {
        const before = known.get(node) ?? read(node)
        if (before !== undefined) known.set(node, before)
        return before
      },
      ...(called && { called }),
      ofLeaf: {
        library,
        size: (axes) => {
          const text = library.size(axes)
          const name = sizes.get(text) ?? names.fresh('size')
          sizes.set(text, name)
          return name
        },
        maker,
      },
    },
    head: () => ({
      args,
      lines: [
        ...(casts ? head : []),
        ...ofSlots,
        ...ofConstants,
        ...ofNumbers,
        ...args.map(({ name }) => `${name} = ${ofLeaf(name)}`),
        ...[...sizes].map(([text, name]) => `${name} = ${text}`),
      ],
    }),
  }
}

/** What of a leaf goes into totals of the tree. */
export const totalsOf = (reductions: readonly Reduce[], shared: Shared): Statements => {
  const { writing, head } = reading(shared)
  const ofLeaf = reductions.map((node) => [shared.number(node), Reduce(node.kind, 'leaf', node.arg)] as const)
  const body = bodyOf(
    ofLeaf.map(([, expr]) => expr),
    writing,
  )
  const values = ofLeaf.map(([key, expr]) => `${stringText(key)}: ${body.value(expr).text}`)
  const { args, lines } = head()
  return { args, lines: [...lines, ...body.lines, ...returned('', values)] }
}

/** A record over several lines, as black leaves it, or on one where it fits. */
const returned = (before: string, entries: readonly string[]): readonly string[] => {
  const line = `return ${before}{${entries.join(', ')}}`
  if (line.length <= 84) return [line]
  return before === ''
    ? ['return {', ...entries.map((entry) => `    ${entry},`), '}']
    : [`return ${before}{`, ...entries.map((entry) => `    ${entry},`), '}']
}

/** A slot's next value as it is kept, or its first one: that of a slot of matrices, rows or columns has its shape already. */
const keptText = (
  value: string,
  name: string,
  { expr, scope }: Output,
  isFirst: boolean,
  { slots, scopes }: Shared,
): string => {
  if (isAxes(scope))
    return expr._tag === 'Slot' && expr.scope === scope
      ? `slots[${stringText(slots.get(expr.name) ?? expr.name)}]`
      : keptAlong(value, axesOf(scope, true))
  return isFirst && isOfMatrices(scopes.get(name) ?? scope)
    ? keptAlong(value, scope === 'element' ? 'all' : [])
    : value
}

/** What a rule gives: `update`, if it has one, and the slots' next values. */
export const resultsOf = (outputs: Outputs, update: string, shared: Shared): Statements => {
  const names = new Names(parameters)
  const slots = Object.entries(outputs).filter(([name]) => name !== update)
  const last = outputs[update]?.expr
  const isMade = (expr: Expr): boolean => expr.scope !== 'host' && parts(expr).length > 0
  const called = new Map<Expr, string>()
  for (const [name, { expr }] of slots)
    if (isMade(expr) && !called.has(expr) && !(expr._tag === 'Reduce' && expr.over === 'tree'))
      called.set(expr, names.fresh(`next_${shared.slots.get(name) ?? name}`))
  if (
    last !== undefined &&
    isMade(last) &&
    !called.has(last) &&
    !(last._tag === 'Reduce' && last.over === 'tree')
  )
    called.set(last, 'update')
  const { writing, head } = reading(shared, called, names)
  const body = bodyOf([...slots.map(([, { expr }]) => expr), ...(last === undefined ? [] : [last])], writing)
  const entries = slots.map(([name, output]) => {
    const key = stringText(shared.slots.get(name) ?? name)
    const { text, argument = text } = body.value(output.expr)
    return `${key}: ${keptText(argument, name, output, last === undefined, shared)}`
  })
  const given = last === undefined ? '' : `${body.value(last).argument ?? body.value(last).text}, `
  const { args, lines } = head()
  return { args, lines: [...lines, ...body.lines, ...returned(given, entries)] }
}
