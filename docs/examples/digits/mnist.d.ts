/** Types for the part of the package `mnist` that the example uses; it has none of its own. */
declare module 'mnist' {
  export interface Sample {
    /** 28 × 28 pixels, row by row, from 0 (paper) to 1 (ink). */
    readonly input: readonly number[]
    /** Ten numbers: 1 at the digit that it is, 0 elsewhere. */
    readonly output: readonly number[]
  }

  interface Digit {
    readonly length: number
    /** The samples number `first` to `last`, in the order of the package. */
    set(first: number, last: number): readonly Sample[]
  }

  /** The handwritten zeros, ones, … nines. */
  const digits: readonly Digit[]
  export default digits
}
