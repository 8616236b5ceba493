/** What is minimized on arrays, by gradpipe and by a loop as one would write it for the case. */
import { applyUpdates, lbfgs, type Params, valueAndGradFromState } from 'gradpipe'
import { minimizedByHand } from './byHand.js'
import { far, rosenbrock } from './rosenbrock.js'

/** A problem, and who solves it: each opens with something to do again and again. */
export interface Problem {
  readonly name: string
  readonly rule: 'lbfgs'
  readonly open: Readonly<Record<Contender, () => () => void>>
}

/** Who is measured. The first is what others are compared with. */
export const contenders = ['gradpipe pure', 'loop by hand'] as const

/** One of them. */
export type Contender = (typeof contenders)[number]

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
  {
    name: 'Rosenbrock, 10',
    rule: 'lbfgs',
    open: { 'gradpipe pure': () => minimize, 'loop by hand': () => minimizedByHand },
  },
]
