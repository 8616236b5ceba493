/** How many digits the page learns from, and on how many others it is tested. */
export const sizes = { train: 5000, test: 1000 } as const

/** How many digits a step looks at. */
export const batchSize = 100

/** The steps that see every digit once. */
export const stepsPerEpoch: number = sizes.train / batchSize
