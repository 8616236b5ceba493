/** Modules for eight devices, of one process or of two: what they are of Optax, and how far they may be off. */
import { encode } from '../../src/checkpoint/index.js'
import { toOptax } from '../../src/export/index.js'
import {
  adafactor,
  adam,
  adamMini,
  adamw,
  adaptiveGradClip,
  applyUpdates,
  centralize,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  injectHyperparams,
  lamb,
  lion,
  multiSteps,
  muon,
  ndarray,
  normuon,
  type Params,
  partition,
  prodigy,
  scheduleFreeAdamw,
  sgd,
  sm3,
} from '../../src/index.js'

/** Of each optimizer what Optax calls it, where Optax has it. */
export const optimizers: Readonly<
  Record<string, readonly [tx: GradientTransformation<unknown>, theirs: string | null]>
> = {
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
  muon: [muon(0.1), 'optax.contrib.muon(0.1)'],
  normuon: [normuon(0.1), null],
  adafactor: [adafactor(0.1, { minDimSizeToFactor: 4 }), 'optax.adafactor(0.1, min_dim_size_to_factor=4)'],
  sm3: [sm3(0.1), 'optax.sm3(0.1)'],
  'adam-mini': [adamMini(0.1, { blockAxes: ({ shape }) => (shape.length < 2 ? [] : -1) }), null],
  'sgd with centralizing and clipping': [
    chain(centralize(), adaptiveGradClip(0.1), sgd(0.1)),
    'optax.chain(optax.centralize(), optax.adaptive_grad_clip(0.1), optax.sgd(0.1))',
  ],
}

/** The leaves; those of a module may be of other lengths. */
export const params: Params = { kernel: ndarray(new Float32Array(128), [16, 8]), bias: new Float32Array(8) }

/** The file of a module. */
export const fileOf = (name: string): string => `${name.replace(/\W/g, '_')}.py`

/** What Python has found of one on the devices of one process. */
interface Outcome {
  readonly error?: string
  readonly devices: number
  readonly loaded: number
  readonly on: number
  readonly optax: number | null
}

/** In parts of the largest number of a leaf: ten steps of float32, whose sums are made in another order. */
const BOUND = 2 ** -18

/** The modules' texts, by file. */
export const texts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(optimizers).map(([name, [tx]]) => [fileOf(name), toOptax(tx, params, { steps: 40 })]),
  )

/** Steps that are made here, before a checkpoint goes to the devices of two processes. */
const STEPS = 5

/** A checkpoint for each module, by file. */
export const checkpoints = (): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries(
    Object.entries(optimizers).map(([name, [tx]]) => {
      let at = { params, state: tx.init(params) }
      for (let i = 0; i < STEPS; i++) {
        const wave = (_: number, j: number): number => Math.sin(3 * i + j)
        const grads: Params = {
          kernel: ndarray(new Float32Array(128).map(wave), [16, 8]),
          bias: new Float32Array(8).map(wave),
        }
        const [updates, state] = tx.update(grads, at.state, at.params)
        at = { params: applyUpdates(at.params, updates), state }
      }
      return [`${fileOf(name)}.safetensors`, encode(at)]
    }),
  )

/** The file of each module, and what it is of Optax. */
export const modules: Readonly<Record<string, readonly [file: string, theirs: string | null]>> =
  Object.fromEntries(
    Object.entries(optimizers).map(([name, [, theirs]]) => [name, [fileOf(name), theirs] as const]),
  )

/** What Python may say of each. */
export interface Found {
  readonly sharded: Readonly<Record<string, Outcome>>
  /** Of each process, how far both are off from one device. */
  readonly processes: readonly Readonly<Record<string, number>>[]
}

/** Prints how far each is off; what failed. */
export const report = ({ sharded, processes }: Found, print: (line: string) => void): readonly string[] =>
  Object.keys(optimizers).flatMap((name) => {
    const outcome = sharded[name]
    if (outcome === undefined || outcome.error !== undefined)
      return [`${name}: ${outcome?.error ?? 'no outcome'}`]
    const { devices, loaded, on, optax } = outcome
    const both = Math.max(...processes.map((own) => own[name] ?? Infinity))
    const beside = optax === null ? 'not in Optax' : `${optax.toExponential(1)} from Optax`
    print(
      `${name}: eight devices ${devices.toExponential(1)} from one, of two processes ${both.toExponential(1)}, ${beside}`,
    )
    return loaded > 0 || !(Math.max(devices, on, both, optax ?? 0) <= BOUND)
      ? [`${name}: ${JSON.stringify({ ...outcome, processes: both })}, ${BOUND} allowed`]
      : []
  })
