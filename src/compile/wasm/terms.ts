/** Terms as code: a fold that leaves the value on the stack. */
import type { Compare, Expr } from '../../rule/expr.js'
import type { Loop } from '../loop.js'
import { type Code, local } from './assembler.js'
import { type Imported, isImported } from './imports.js'
import type { Variables } from './variables.js'
import type { Width } from './width.js'

/** Evaluates terms one after the other; a term that is used again stays in a local variable. */
export const evaluator = (
  width: Width,
  { uses, streams }: Loop,
  { values }: Variables,
  imports: readonly Imported[],
): ((node: Expr) => Code) => {
  const variable = values[width.type]
  const ready = new Set<Expr>(streams)

  const compare = ({ op: test, left, right }: Compare): Code => [
    evaluate(left),
    evaluate(right),
    width.ops[test],
  ]

  const applied = (name: Imported, node: Expr, args: readonly Expr[]): Code => {
    const kept = args.map((_, i) => variable(node, `argument ${i}`))
    return [
      args.map((arg, i) => [evaluate(arg), local.set(kept[i] ?? 0)]),
      width.apply(imports.indexOf(name), kept),
    ]
  }

  const sign = (node: Expr, arg: Expr): Code => {
    const kept = variable(node, 'argument 0')
    const against = (test: 'lt' | 'gt'): Code => [local.get(kept), width.constant(0), width.ops[test]]
    return [
      evaluate(arg),
      local.set(kept),
      width.constant(1),
      width.constant(-1),
      local.get(kept), // zeros keep their sign, and NaN is kept
      against('lt'),
      width.select,
      against('gt'),
      width.select,
    ]
  }

  const fresh = (node: Expr): Code => {
    switch (node._tag) {
      case 'Unary':
        if (node.op === 'sign') return sign(node, node.arg)
        if (isImported(node.op)) return applied(node.op, node, [node.arg])
        return [evaluate(node.arg), width.ops[node.op]]
      case 'Binary':
        if (node.op === 'pow') return applied('pow', node, [node.left, node.right])
        return [evaluate(node.left), evaluate(node.right), width.ops[node.op]]
      case 'Select':
        return [evaluate(node.then), evaluate(node.else), compare(node.test), width.select]
      default:
        throw new TypeError(`a loop has no value for ${node._tag}`)
    }
  }

  const evaluate = (node: Expr): Code => {
    if (node.scope !== 'element' || ready.has(node)) return local.get(variable(node))
    const code = fresh(node)
    if ((uses.get(node) ?? 0) < 2) return code
    ready.add(node)
    return [code, local.tee(variable(node))]
  }
  return evaluate
}
