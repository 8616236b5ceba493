/** `objax.random`: random numbers. */

export {
  type NormalOptions,
  normal,
  type RandomOptions,
  randint,
  type TruncatedNormalOptions,
  truncatedNormal,
  uniform,
} from './distributions.js'
export { DEFAULT_GENERATOR, Generator } from './generator.js'
