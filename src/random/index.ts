/** The namespace `random` of the public entry. */
export { foldIn, type Key, key, split } from './key.js'
export { normal, rademacher, type Sampler, uniform } from './sample.js'
