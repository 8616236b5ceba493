/** Steps on numbers and typed arrays: gradpipe, and the loop that one would write by hand. */
import { type GradientTransformation, step } from 'gradpipe'
import type { Peer, Problem, Session } from '../peer.js'
import { hyper } from '../rules.js'
import { transformations } from './transformations.js'

/** What the arrays hold; a shape without axes is a plain number in either case. */
export type Floats = 'Float32Array' | 'Float64Array'

type Elements = Float32Array | Float64Array

const arrayOf = (floats: Floats, values: Float32Array): Elements =>
  floats === 'Float32Array' ? values.slice() : Float64Array.from(values)

const leavesOf = (
  { layout: { shapes } }: Problem,
  values: readonly Float32Array[],
  floats: Floats,
): (number | Elements)[] =>
  values.map((each, i) => (shapes[i]?.length === 0 ? (each[0] ?? Number.NaN) : arrayOf(floats, each)))

const single = (leaves: readonly (number | Elements)[]): readonly Float32Array[] =>
  leaves.map((leaf) => (typeof leaf === 'number' ? Float32Array.of(leaf) : Float32Array.from(leaf)))

const session = <S>(
  tx: GradientTransformation<S>,
  problem: Problem,
  floats: Floats,
  donate: boolean,
): Session => {
  const run = step(tx, { donate })
  const grads = leavesOf(problem, problem.grads, floats)
  let params = leavesOf(problem, problem.params, floats)
  let state = tx.init(params)
  return {
    prepare: () => {},
    step: () => {
      ;[params, state] = run(params, state, grads)
    },
    params: async () => single(params),
    close: () => {},
  }
}

/** Adam in place, as one would write it. */
const byHand = (problem: Problem, floats: Floats): Session => {
  // plain numbers are kept in an array too: nobody would write a loop over a thousand variables
  const own = (values: readonly Float32Array[]): Elements[] => values.map((each) => arrayOf(floats, each))
  const [params, grads] = [own(problem.params), own(problem.grads)]
  const zeros = (): Elements[] => params.map((p) => arrayOf(floats, new Float32Array(p.length)))
  const [first, second] = [zeros(), zeros()]
  const { learningRate, b1, b2, eps } = hyper
  let t = 0
  return {
    prepare: () => {},
    step: () => {
      t++
      const [c1, c2] = [1 - b1 ** t, 1 - b2 ** t]
      for (let k = 0; k < params.length; k++) {
        const [p, g, m, v] = [params[k], grads[k], first[k], second[k]] as [
          ...[p: Elements, g: Elements, m: Elements, v: Elements],
        ]
        for (let i = 0; i < p.length; i++) {
          const gi = g[i] as number
          const mi = b1 * (m[i] as number) + (1 - b1) * gi
          const vi = b2 * (v[i] as number) + (1 - b2) * gi * gi
          m[i] = mi
          v[i] = vi
          p[i] = (p[i] as number) - (learningRate * (mi / c1)) / (Math.sqrt(vi / c2) + eps)
        }
      }
    },
    params: async () => single(params),
    close: () => {},
  }
}

/** The peers on arrays of a kind. */
export const arrayPeers = (floats: Floats): readonly Peer[] => [
  ...([true, false] as const).map(
    (donate): Peer => ({
      name: donate ? 'gradpipe donated' : 'gradpipe pure',
      tfjs: false,
      open: (problem) => transformations[problem.rule]((tx) => session(tx, problem, floats, donate)),
    }),
  ),
  {
    name: 'a loop by hand',
    tfjs: false,
    open: (problem) => (problem.rule === 'adam' ? byHand(problem, floats) : undefined),
  },
]
