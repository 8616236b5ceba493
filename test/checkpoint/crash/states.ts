/** Two states that no mixture of their files could be taken for. */

/** The values of one state: none of them is in the other. */
export const stateOf = (which: 0 | 1): { readonly which: number; readonly w: Float32Array } => ({
  which,
  w: new Float32Array(200_000).map((_, i) => 2 * i + which),
})
