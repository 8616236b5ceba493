/** reduced: what the elements of a column come to, one after the other. */
import type { ReduceKind } from '../../rule/expr.js'
import type { Elements } from '../../rule/ndarray.js'

/** What a part of a column is reduced to, with all before it: of a norm the sum of squares, of elements times a power of two. */
export const reduced = (
  kind: ReduceKind,
  x: Elements,
  from: number,
  size: number,
  power: number,
  before: number,
): number => {
  const end = from + size
  let result = before
  if (kind === 'sum') for (let i = from; i < end; i++) result += x[i] as number
  else if (kind === 'max') for (let i = from; i < end; i++) result = Math.max(result, x[i] as number)
  else if (x instanceof Float32Array)
    for (let i = from; i < end; i++) {
      const scaled = (x[i] as number) * power
      result += Math.fround(scaled * scaled)
    }
  else
    for (let i = from; i < end; i++) {
      const scaled = (x[i] as number) * power
      result += scaled * scaled
    }
  return result
}
