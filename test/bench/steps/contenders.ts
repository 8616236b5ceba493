/** Who trains a workload in Node. */
import * as tf from '@tensorflow/tfjs'
import { denseOnJax, transformerOnJax } from './jax.js'
import { type Contender, here } from './run.js'
import type { Library } from './session.js'
import { type Backend, transformer, type Workload } from './workloads.js'

const onJax = ({ kind, sizes }: Workload) =>
  kind === 'transformer' ? transformerOnJax(transformer) : denseOnJax(sizes.batch ?? 0, sizes.units ?? 0)

/**
 * gradpipe and TensorFlow.js alone, on each backend, and jax-js; on the slow backend only the short steps and those
 * that nothing else can be held against, but with `full` everything.
 */
export const contenders = (workload: Workload, full: boolean): readonly Contender[] => {
  const on = (library: Library, backend: Backend): Contender => ({
    ...here(
      `${library}, ${backend}`,
      backend === 'cpu' ? 1000 * workload.cpuSeconds : 0,
      async () => workload.open(library),
      () => tf.setBackend(backend),
    ),
    ...(library === 'tf.train' &&
      backend === 'wasm' && { device: { compiling: 0, step: 1000 * workload.stockSeconds } }),
  })
  const short = full || workload.cpuSeconds < 1
  return [
    on('gradpipe', 'wasm'),
    ...(workload.stockWasm ? [on('tf.train', 'wasm')] : []),
    ...(workload.jax
      ? [
          here(
            'jax-js',
            0,
            () => onJax(workload),
            async () => {},
          ),
        ]
      : []),
    ...(short ? [on('gradpipe', 'cpu')] : []),
    ...(short || !workload.stockWasm ? [on('tf.train', 'cpu')] : []),
  ]
}
