/**
 * What the fused interpreters are to reach: ratios to peers measured in the same run, and a few absolute figures.
 * `times` is how often a step of ours fits into one of the peer's.
 */

import { matrixTargets } from './matrices/matrices.js'
import { runtime as minimizingRuntime } from './minimizing/minimizing.js'
import type { RuleName } from './rules.js'
import { stepTargets } from './steps/targets.js'
import { all, type Goals, quotient, type Target } from './target.js'
import { programs } from './tiny/programs.js'
import { runtimeOf, steps, tinyBackends } from './tiny/tiny.js'

const large = ['1e6', '1e7', 'transformer', 'resnet50']
const from1e5 = ['1e5', '1e6', '1e7', 'mlp', 'transformer', 'resnet50']
const every = ['1e3', '1e4', ...from1e5, '1000x100']

const faster = (
  ours: string,
  peer: string,
  rule: RuleName,
  goals: Goals,
  runtime: string = 'node, wasm',
): Target => ({
  text: `${rule}: ${ours} against ${peer}, ${runtime}`,
  runtime,
  bound: 'at least',
  unit: '×',
  figure: (find, layout) => quotient(find(peer, rule, layout), find(ours, rule, layout)),
  goals,
})

const donated = 'gradpipe donated'
const pure = 'gradpipe pure'

/** What a step of a pure peer must return: the parameters and the slots. */
const returned = { sgd: 1, momentum: 2, adam: 3, adamw: 3, 'clip + adamw': 3, lamb: 3 } as const

/** Bytes that a step allocates beyond what it is to return. */
const allocated = (peer: string, rule: RuleName, expected: number): Target => ({
  text: `${rule}: ${peer}, bytes allocated per step beyond what is returned`,
  runtime: 'node, wasm',
  bound: 'at most',
  unit: ' B',
  figure: (find, layout) => {
    const result = find(peer, rule, layout)
    return result?.allocation && result.allocation.bytes - 4 * expected * (result.parameters ?? Number.NaN)
  },
  goals: all(every, 0),
})

const bandwidth = (runtime: string, goals: Goals): Target => ({
  text: `adam: share of the bandwidth of a copy, ${runtime}`,
  runtime,
  bound: 'at least',
  unit: '',
  figure: (find, layout) => quotient(find('limit of memory', 'adam', layout), find(donated, 'adam', layout)),
  goals,
})

const launched = (rule: RuleName, goals: Goals): Target => ({
  text: `${rule}: dispatches of a step on WebGPU`,
  runtime: 'node, webgpu',
  bound: 'at most',
  unit: '',
  figure: (find, layout) => find(donated, rule, layout)?.allocation?.kernels,
  goals,
})

/** What is to be reached on the cpu backend, donated and as an optimizer. */
const onCpu: Goals = { '1e3': 2, '1e5': 25, '1e6': 25, '784-128-10': 10, '100x1000': 10 }

const tinyGoals = (names: readonly string[]): Goals =>
  all(
    names.flatMap((name) => [name, `${name}, first ${steps.first}`]),
    1,
  )

const tinyTargets: readonly Target[] = tinyBackends.flatMap((backend) =>
  (['sgd', 'adam'] as const).map((rule) =>
    faster(
      'gradpipe toOptimizer',
      'tf.train',
      rule,
      tinyGoals(programs.filter((program) => program.rule === rule).map(({ name }) => name)),
      runtimeOf(backend),
    ),
  ),
)

/** Milliseconds of a whole minimization. */
const minimizing = (goals: Goals): Target => ({
  text: `lbfgs: milliseconds until the minimum, ${minimizingRuntime}`,
  runtime: minimizingRuntime,
  bound: 'at most',
  unit: ' ms',
  figure: (find, layout) => find(pure, 'lbfgs', layout)?.ms,
  goals,
})

const time = (text: string, runtime: string, goals: Goals): Target => ({
  text: `adam: ${text}, ${runtime}`,
  runtime,
  bound: 'at most',
  unit: ' µs',
  figure: (find, layout) => {
    const result = find(donated, 'adam', layout)
    return result && 1000 * result.ms
  },
  goals,
})

/** All targets, in the order in which they are told. */
export const targets: readonly Target[] = [
  faster(donated, 'tf.train', 'adam', {
    '1e4': 10,
    '1e5': 9,
    '1e6': 12,
    '1e7': 8,
    mlp: 11,
    transformer: 9,
    resnet50: 8,
    '1000x100': 120,
  }),
  faster(pure, 'tf.train', 'adam', {
    '1e4': 8,
    '1e5': 6,
    '1e6': 6,
    '1e7': 5,
    mlp: 6,
    transformer: 5,
    resnet50: 4.5,
    '1000x100': 40,
  }),
  faster(donated, 'tfjs ops', 'clip + adamw', { '1e6': 10, '1e7': 8, resnet50: 7.5 }),
  faster(donated, 'tf.train', 'sgd', all(from1e5, 2.5)),
  faster(donated, 'tf.train', 'momentum', all(from1e5, 3)),
  ...(['adam', 'clip + adamw'] as const).map((rule) =>
    faster(donated, 'jax-js', rule, { ...all(['mlp', 'transformer', 'resnet50'], 3.5), '1000x100': 500 }),
  ),
  faster(donated, 'optax', 'adam', all(large, 1.3)),
  faster(donated, 'optax', 'clip + adamw', all(large, 1.8)),
  ...(['adam', 'clip + adamw'] as const).map((rule) =>
    faster(donated, 'torch', rule, {
      ...all(['1e3', '1e4', '1e5', '1e6', 'mlp'], 1),
      ...all(['1e7', 'transformer', 'resnet50'], 0.8),
      '1000x100': 4,
    }),
  ),
  bandwidth('node, wasm', { '1e7': 0.7 }),
  {
    text: 'clip + adamw over adamw alone',
    runtime: 'node, wasm',
    bound: 'at most',
    unit: '×',
    figure: (find, layout) => quotient(find(donated, 'clip + adamw', layout), find(donated, 'adamw', layout)),
    goals: all(large, 1.35),
  },
  time('the fixed cost of a step', 'node, wasm', { '1e3': 6 }),
  allocated(donated, 'adam', 0),
  allocated(donated, 'clip + adamw', 0),
  allocated(pure, 'adam', returned.adam),
  allocated(pure, 'clip + adamw', returned['clip + adamw']),
  {
    text: 'adam: two threads over one',
    runtime: 'chromium, wasm',
    bound: 'at least',
    unit: '×',
    figure: (find, layout) =>
      quotient(find(`${donated}, 1 thread`, 'adam', layout), find(`${donated}, 2 threads`, 'adam', layout)),
    // not slower on small tensors, within what two measurements differ by
    goals: { ...all(['1e3', '1e4', '1e5'], 0.95), ...all(['1e6', '1e7'], 1.6) },
  },
  faster(
    donated,
    'tf.train',
    'adam',
    { '1e3': 8, '1e6': 3, '100x1000': 10 },
    'node, webgpu (google SwiftShader',
  ),
  ...(['node, Float32Array', 'node, Float64Array'] as const).flatMap((runtime) => [
    faster(donated, 'a loop by hand', 'adam', all(['1e3', '1e4', '1e5', '1e6'], 1), runtime),
    time('a step', runtime, { '10': 4, '1000 numbers': 200 }),
  ]),
  launched('adam', { '1e3': 1, '1e6': 1, '100x1000': 100 }),
  // a reduction over the tree takes a pass in two stages
  launched('clip + adamw', { '1e3': 3, '1e6': 3, '100x1000': 102 }),
  bandwidth('node, webgpu', { '1e8': 0.8 }),
  faster(donated, 'tf.train', 'adam', onCpu, 'node, cpu'),
  faster('gradpipe toOptimizer', 'tf.train', 'adam', onCpu, 'node, cpu'),
  ...tinyTargets,
  minimizing({ 'Rosenbrock, 10': 6, 'Rosenbrock, 10, first': 80 }),
  ...stepTargets,
  ...matrixTargets,
]
