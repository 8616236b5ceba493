/** What is trained, and who trains it: a workload has a contender for each library and backend. */
import { convolutional, dense, depthwise, embedding, type LayersModel, recurrent } from './models.js'
import { type Library, ofLayers, ofTransformer, type Training } from './session.js'
import { sizes } from './transformer.js'

/** Where TensorFlow.js computes. */
export type Backend = 'cpu' | 'wasm' | 'webgl' | 'webgpu'

/** A network, with its sizes: for a process or a page that trains it. */
export interface Workload {
  readonly name: string
  /** What it is to a script in Python. */
  readonly kind: string
  readonly sizes: Readonly<Record<string, number>>
  readonly open: (library: Library) => Training
  /** The seconds that a step takes on the cpu backend, roughly, where it is no fraction of one. */
  readonly cpuSeconds: number
  /** Whether TensorFlow.js alone can train it on WASM: the backend lacks some gradients. */
  readonly stockWasm: boolean
  /** Whether jax-js trains it, too. */
  readonly jax: boolean
}

const ofModel = (
  name: string,
  kind: string,
  sizes: Workload['sizes'],
  model: LayersModel,
  more: Partial<Workload> = {},
): Workload => ({
  name,
  kind,
  sizes,
  open: (library) => ofLayers(model, library),
  cpuSeconds: 0,
  stockWasm: true,
  jax: false,
  ...more,
})

const ofDense = (batch: number, units: number, cpuSeconds: number): Workload =>
  ofModel(`dense 784-${units}-${units}-10, batch ${batch}`, 'dense', { batch, units }, dense(batch, units), {
    cpuSeconds,
    jax: true,
  })

const batch = 32
const lacking = { stockWasm: false }

/** All workloads, in the order of the table. */
export const workloads: readonly Workload[] = [
  ofDense(4, 512, 0),
  ofDense(32, 256, 0),
  ofDense(128, 512, 1),
  ofModel('CNN', 'convolutional', { batch }, convolutional(batch), { ...lacking, cpuSeconds: 4 }),
  ofModel('depthwise CNN', 'depthwise', { batch }, depthwise(batch), { ...lacking, cpuSeconds: 3 }),
  ofModel('LSTM', 'recurrent', { batch, units: 64 }, recurrent(batch, 64), { cpuSeconds: 0.3 }),
  ofModel('embedding', 'embedding', { batch, vocabulary: 1000, width: 32 }, embedding(batch, 1000, 32), {
    ...lacking,
    cpuSeconds: 0.5,
  }),
  {
    name: 'transformer',
    kind: 'transformer',
    sizes,
    open: ofTransformer,
    cpuSeconds: 2.5,
    stockWasm: true,
    jax: true,
  },
]

/** A workload by its name. */
export const workloadOf = (name: string): Workload => {
  const found = workloads.find((w) => w.name === name)
  if (found === undefined) throw new Error(`no workload ${name}`)
  return found
}
