/** What a Newton–Schulz iteration is told. */

/** The coefficients $c_0, c_1, c_2$ of $c_0 X + c_1 (XX^T) X + c_2 (XX^T)^2 X$. */
export type Coefficients = readonly [c0: number, c1: number, c2: number]

/**
 * What brings a matrix's singular values below 1, before {@link scaleByMuon} iterates.
 *
 * @category Building blocks
 */
export type Preconditioning = 'frobenius' | 'spectral' | 'aol' | 'schatten'
