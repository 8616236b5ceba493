/** Block: the numbers that a law draws for one leaf, before they become a leaf of some kind. */
const shown = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/**
 * The numbers of one leaf, row by row, and their shape. It is a class, so that a tree may have blocks as leaves.
 *
 * @category Generators
 * @example
 * ```ts
 * import { Block } from 'gradpipe/laws'
 *
 * assert.equal(String(new Block([2], Float64Array.of(1, -0))), '[1, -0]')
 * ```
 */
export class Block {
  /** Holds both. */
  constructor(
    /** Lengths of the axes; empty for a scalar. */
    readonly shape: readonly number[],
    /** The elements, row by row. */
    readonly data: Float64Array,
  ) {}

  /** The same shape with other elements. */
  map(f: (x: number, index: number) => number): Block {
    return new Block(this.shape, this.data.map(f))
  }

  /** The numbers, as fast-check shows them in a counterexample. */
  toString(): string {
    const all = Array.from(this.data, shown)
    return this.shape.length === 0
      ? (all[0] ?? '')
      : `[${all.join(', ')}]${this.shape.length > 1 ? ` as ${this.shape.join('×')}` : ''}`
  }
}
