/** Small whole numbers on leaves of chosen shapes, for rules whose sums are to be exact. */
import * as fc from 'fast-check'
import { Block, type Trial } from '../../laws/index.js'

/** A list of one to three leaves of some shapes, with small whole numbers, and two gradients. */
export const wholesOn = (shapes: readonly (readonly number[])[]): fc.Arbitrary<Trial> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...shapes), { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 60, maxLength: 60 }),
    )
    .map(([drawn, numbers]) => {
      const column = (from: number) =>
        drawn.map((shape, leaf) => {
          const size = shape.reduce((product, n) => product * n, 1)
          const at = (i: number): number => numbers[(from + 7 * leaf + i) % numbers.length] ?? 0
          return new Block(
            shape,
            Float64Array.from({ length: size }, (_, i) => at(i)),
          )
        })
      return { params: column(0), grads: [column(20), column(40)] }
    })
