/** What is done on plain numbers and arrays, by gradpipe and by loops as one would write them for the case. */
import { adam, applyUpdates, lbfgs, type Params, step, valueAndGradFromState } from 'gradpipe'
import { hyper } from '../rules.js'
import { adamByHand, minimizedByHand } from './byHand.js'
import { far, rosenbrock } from './rosenbrock.js'

/** A problem, and who solves it: each opens with something to do again and again. */
export interface Problem {
  readonly name: string
  readonly rule: 'adam' | 'lbfgs'
  readonly open: Readonly<Record<Contender, () => () => void>>
}

/** Who is measured. The first is what others are compared with. */
export const contenders = ['gradpipe pure', 'loop by hand'] as const

/** One of them. */
export type Contender = (typeof contenders)[number]

const { learningRate, b1, b2, eps } = hyper

/** Steps of Adam on a tree, and the same on its numbers in one array. */
const adamOn = (name: string, tree: () => Params, length: number): Problem => ({
  name,
  rule: 'adam',
  open: {
    'gradpipe pure': () => {
      const tx = adam(learningRate, { b1, b2, eps })
      const [grads, next] = [tree(), step(tx)]
      let params = tree()
      let state = tx.init(params)
      return () => {
        ;[params, state] = next(params, state, grads)
      }
    },
    'loop by hand': () => adamByHand(length),
  },
})

/** Minimizes by L-BFGS, from the same start until the gradient is as small. */
const minimize = (): void => {
  const tx = lbfgs()
  const next = valueAndGradFromState(rosenbrock)
  let params = far()
  let state = tx.init(params)
  for (let i = 0; i < 200; i++) {
    const { value, grads } = next(params, state)
    if (Math.hypot(...grads) < 1e-6) return
    const [updates, after] = tx.update(grads, state, params, {
      value,
      grad: grads,
      valueAndGradFn: (x: Params) => rosenbrock(x as Float64Array), // like the parameters
    })
    params = applyUpdates(params, updates)
    state = after
  }
  throw new Error('no minimum in 200 iterations')
}

/** All problems. */
export const problems: readonly Problem[] = [
  adamOn('10 in a Float64Array', () => new Float64Array(10).fill(0.5), 10),
  adamOn('1000 numbers', () => Array.from({ length: 1000 }, (_, i) => i / 1000), 1000),
  {
    name: 'Rosenbrock, 10',
    rule: 'lbfgs',
    open: { 'gradpipe pure': () => minimize, 'loop by hand': () => minimizedByHand },
  },
]
