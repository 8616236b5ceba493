/** The structure of a loop, by which kernels are cached: whatever its slots and scalars are called. */
import type { Compare, Expr } from '../rule/expr.js'
import { fold } from '../rule/fold.js'
import type { Loop } from './loop.js'

/** The structure of a loop, as text: equal for loops that compile to the same kernel. */
export const structureOf = ({ streams, uniforms, stores, reductions }: Loop): string => {
  const names = new Map<Expr, string>()
  for (const [i, node] of streams.entries()) names.set(node, `s${i}`)
  for (const [i, node] of uniforms.entries()) names.set(node, `u${i}`)
  const lines: string[] = []
  const line = (text: string): string => {
    lines.push(text)
    return `t${lines.length - 1}`
  }
  const print = fold<string, string>({
    known: (node) => names.get(node),
    atom: (node) => node._tag,
    unary: (op, x) => line(`${op} ${x}`),
    binary: (op, x, y) => line(`${op} ${x} ${y}`),
    compare: (op: Compare['op'], x, y) => `${op} ${x} ${y}`,
    select: (test, x, y) => line(`select ${test} ${x} ${y}`),
    reduce: (node) => node._tag,
  })
  const stored = stores.map(print)
  const reduced = reductions.map(({ kind, arg }) => `${kind} ${print(arg)}`)
  return [...lines, `store ${stored.join(' ')}`, `reduce ${reduced.join(' ')}`].join('\n')
}
