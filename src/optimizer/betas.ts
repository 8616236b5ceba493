/** A pair of decays, as the optimizers that estimate their learning rate take it. */

/** The decays of the first and the second moment. */
export type Betas = readonly [beta1: number, beta2: number]
