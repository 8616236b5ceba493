/** What is trained, and who trains it: a workload has a contender for each library and backend. */
import {
  convolutionalNetwork,
  denseNetwork,
  embeddingNetwork,
  type Network,
  recurrentNetwork,
  separableNetwork,
} from '../../tfjs/networks/layers.js'
import { type Library, ofLayers, ofTransformer, type Training } from './session.js'

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
  /** The seconds that a step takes in Chromium, whose devices are programs, roughly, on two cores. */
  readonly chromiumSeconds: Readonly<Record<'webgl' | 'webgpu', number>>
  /** The seconds that a step of TensorFlow.js alone takes on WASM, roughly, where it is longer than a turn. */
  readonly stockSeconds: number
  /** Whether TensorFlow.js alone can train it on WASM: the backend lacks some gradients. */
  readonly stockWasm: boolean
  /** Whether jax-js trains it, too. */
  readonly jax: boolean
}

type Sizes = Readonly<Record<string, number>>

const ofNetwork = (
  name: string,
  kind: string,
  sizes: Sizes & { readonly batch: number },
  network: Network,
  more: Partial<Workload> = {},
): Workload => ({
  name,
  kind,
  sizes,
  open: (library) => ofLayers(network, sizes.batch, library),
  cpuSeconds: 0,
  chromiumSeconds: { webgl: 0, webgpu: 0 },
  stockSeconds: 0,
  stockWasm: true,
  jax: false,
  ...more,
})

const ofDense = (
  batch: number,
  units: number,
  cpuSeconds: number,
  chromiumSeconds: Workload['chromiumSeconds'],
  stockSeconds = 0,
): Workload =>
  ofNetwork(
    `dense 784-${units}-${units}-10, batch ${batch}`,
    'dense',
    { batch, units },
    denseNetwork({ units }),
    { cpuSeconds, chromiumSeconds, stockSeconds, jax: true },
  )

const batch = 32
const lacking = { stockWasm: false }
const words = { vocabulary: 1000, width: 32, length: 64 }
const attention = { batch: 8, layers: 2, width: 128, heads: 4, sequence: 64, vocabulary: 128 }

/** All workloads, in the order of the table. */
export const workloads: readonly Workload[] = [
  ofDense(4, 512, 0, { webgl: 0.1, webgpu: 0.6 }),
  ofDense(32, 256, 0, { webgl: 0.1, webgpu: 0.5 }),
  ofDense(128, 512, 1, { webgl: 0.3, webgpu: 2 }, 0.2),
  ofNetwork(
    'CNN',
    'convolutional',
    { batch, first: 16, second: 32, units: 64 },
    convolutionalNetwork({ filters: [16, 32], units: 64 }),
    { ...lacking, cpuSeconds: 6.5, chromiumSeconds: { webgl: 1.5, webgpu: 5.5 } },
  ),
  ofNetwork(
    'depthwise CNN',
    'separable',
    { batch, first: 16, second: 32 },
    separableNetwork({ filters: [16, 32] }),
    { ...lacking, cpuSeconds: 1.2, chromiumSeconds: { webgl: 0.3, webgpu: 1 } },
  ),
  ofNetwork('LSTM', 'recurrent', { batch, units: 64 }, recurrentNetwork({ units: 64 }), {
    cpuSeconds: 0.5,
    chromiumSeconds: { webgl: 0.4, webgpu: 3 },
  }),
  ofNetwork('embedding', 'embedding', { batch, ...words }, embeddingNetwork(words), {
    ...lacking,
    cpuSeconds: 9,
    chromiumSeconds: { webgl: 1, webgpu: 0.2 },
  }),
  {
    name: 'transformer',
    kind: 'transformer',
    sizes: attention,
    open: (library) => ofTransformer(attention, library),
    cpuSeconds: 2.5,
    chromiumSeconds: { webgl: 1.3, webgpu: 11 },
    stockSeconds: 0.6,
    stockWasm: true,
    jax: true,
  },
]

/** The transformer's sizes. */
export const transformer: typeof attention = attention

/** A workload by its name. */
export const workloadOf = (name: string): Workload => {
  const found = workloads.find((w) => w.name === name)
  if (found === undefined) throw new Error(`no workload ${name}`)
  return found
}
