/** What whole training steps are to reach, in ratios of the same run. */
import { all, quotient, type Target } from '../target.js'
import { workloads } from './workloads.js'

const names = workloads.map(({ name }) => name)
const [small = '', medium = '', large = ''] = names
const rule = 'training step'

const faster = (ours: string, peer: string, goals: Target['goals']): Target => ({
  text: `training step: ${ours} against ${peer}`,
  runtime: 'training',
  bound: 'at least',
  unit: '×',
  figure: (find, layout) => quotient(find(peer, rule, layout), find(ours, rule, layout)),
  goals,
})

/** Not slower, within what two measurements differ by. */
const notSlower = 0.95

/** All of them. */
export const stepTargets: readonly Target[] = [
  faster('gradpipe, wasm', 'tf.train, wasm', {
    [small]: 1.7,
    [medium]: 3,
    [large]: 8,
    LSTM: notSlower,
    transformer: 4,
  }),
  faster('gradpipe, wasm', 'tf.train, cpu', { CNN: 50, 'depthwise CNN': 50, embedding: 5 }),
  ...(['cpu', 'webgl', 'webgpu'] as const).map((backend) =>
    faster(`gradpipe, ${backend}`, `tf.train, ${backend}`, all(names, notSlower)),
  ),
  faster('gradpipe, wasm', 'jax-js', all([small, medium, large, 'transformer'], 1.5)),
  {
    text: 'a convolution’s two gradients over its forward pass, wasm',
    runtime: 'training',
    bound: 'at most',
    unit: '×',
    figure: (find, layout) =>
      quotient(find('both gradients', 'convolution', layout), find('forward', 'convolution', layout)),
    goals: all(['28 × 28 × 1 → 16', '13 × 13 × 16 → 32', '16 × 16 × 32 → 64'], 3),
  },
]
