/** Modules for eight devices: what they are of Optax, and how far they may be off. */
import { toOptax } from '../../src/export/index.js'
import {
  type AnyTransformation,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  injectHyperparams,
  lamb,
  lion,
  multiSteps,
  type Params,
  partition,
  prodigy,
  scheduleFreeAdamw,
  sgd,
} from '../../src/index.js'

/** Of each optimizer what Optax calls it, where Optax has it. */
export const optimizers: Readonly<Record<string, readonly [tx: AnyTransformation, theirs: string | null]>> = {
  'adamw with clipping': [
    chain(clipByGlobalNorm(1), adamw(0.1)),
    'optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.1))',
  ],
  lamb: [lamb(0.1, { weightDecay: 0.01 }), 'optax.lamb(0.1, weight_decay=0.01)'],
  lion: [lion(0.1), 'optax.lion(0.1)'],
  'sgd with momentum': [sgd(0.1, { momentum: 0.9, nesterov: true }), 'optax.sgd(0.1, 0.9, True)'],
  prodigy: [prodigy(), 'optax.contrib.prodigy()'],
  'schedule-free adamw': [scheduleFreeAdamw(0.1, { warmupSteps: 4 }), null],
  'multi-steps': [multiSteps(adam(0.1), 3), 'optax.MultiSteps(optax.adam(0.1), 3)'],
  partition: [
    partition({ matrix: adamw(0.1), vector: sgd(0.1) }, { kernel: 'matrix', bias: 'vector' }),
    `optax.partition({'matrix': optax.adamw(0.1), 'vector': optax.sgd(0.1)}, {'kernel': 'matrix', 'bias': 'vector'})`,
  ],
  injected: [
    injectHyperparams((h: { readonly learningRate: number }) => adam(h.learningRate))({ learningRate: 0.1 }),
    'optax.inject_hyperparams(optax.adam)(learning_rate=0.1)',
  ],
}

/** The leaves; those of a module may be of any shape. */
export const params: Params = { kernel: new Float32Array(128), bias: new Float32Array(8) }

const fileOf = (name: string): string => `${name.replace(/\W/g, '_')}.py`

/** What Python has found of one. */
interface Outcome {
  readonly error?: string
  readonly devices: number
  readonly loaded: number
  readonly optax: number | null
}

/** In parts of the largest number of a leaf: ten steps of float32, whose sums are made in another order. */
const BOUND = 2 ** -18

/** The modules' texts, by file. */
export const texts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(optimizers).map(([name, [tx]]) => [fileOf(name), toOptax(tx, params, { steps: 40 })]),
  )

/** The file of each module, and what it is of Optax. */
export const modules: Readonly<Record<string, readonly [file: string, theirs: string | null]>> =
  Object.fromEntries(
    Object.entries(optimizers).map(([name, [, theirs]]) => [name, [fileOf(name), theirs] as const]),
  )

/** Prints how far each is off; what failed. */
export const report = (
  outcomes: Readonly<Record<string, Outcome>>,
  print: (line: string) => void,
): readonly string[] =>
  Object.keys(optimizers).flatMap((name) => {
    const outcome = outcomes[name]
    if (outcome === undefined || outcome.error !== undefined)
      return [`${name}: ${outcome?.error ?? 'no outcome'}`]
    const { devices, loaded, optax } = outcome
    const beside = optax === null ? 'not in Optax' : `${optax.toExponential(1)} from Optax`
    print(`${name}: eight devices ${devices.toExponential(1)} from one, ${beside}`)
    const isWrong = devices > BOUND || loaded > 0 || (optax ?? 0) > BOUND
    return isWrong ? [`${name}: ${JSON.stringify(outcome)}, ${BOUND} allowed`] : []
  })
