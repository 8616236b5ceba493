/** `objax.random`: random numbers. */

export { normal, type RandomOptions, randint, truncatedNormal, uniform } from './distributions.js'
export { DEFAULT_GENERATOR, Generator } from './generator.js'
