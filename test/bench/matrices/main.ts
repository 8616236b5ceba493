/** The process that steps matrices. Peers take turns, so that whatever else the machine does falls on all alike. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
import { adafactor, type GradientTransformation, muon } from 'gradpipe'
import { median, rotated } from '../measure.js'
import { numbersOf } from '../peer.js'
import { donated, type Manner, session, unfused } from '../peers/gradpipe.js'
import type { Result } from '../result.js'
import { answer } from '../worker.js'
import { type Problem, problems, products, rounds, runtime, steps } from './matrices.js'

/** Some steps of a peer, timed one by one. */
interface Contender {
  readonly peer: string
  readonly take: () => readonly number[]
  readonly close: () => void
}

const rules: Readonly<Record<Problem['rule'], () => GradientTransformation>> = {
  muon: () => muon(0.01, { weightDecay: 0.1 }),
  adafactor: () => adafactor(0.01),
}

const times = (prepare: () => void, step: () => void): readonly number[] =>
  Array.from({ length: steps }, () => {
    prepare()
    const start = performance.now()
    step()
    return performance.now() - start
  })

const stepping = ({ rule, layout }: Problem, peer: string, manner: Manner): Contender => {
  const { prepare, step, close } = session(rules[rule](), { layout, ...numbersOf(layout) }, manner)
  return { peer, take: () => times(() => prepare(1), step), close }
}

/** The products of five iterations, on the side that makes no more rows than columns. */
const multiplying = ({ layout }: Problem): Contender => {
  const matrices = layout.shapes.map(([a = 1, b = 1]) => {
    const [m, n] = [Math.min(a, b), Math.max(a, b)]
    const x = tf.randomUniform<tf.Rank.R2>([m, n], -1 / n, 1 / n)
    return { x, turned: tf.transpose(x) }
  })
  const step = (): void => {
    for (const { x, turned } of matrices)
      for (let i = 0; i < 5; i++)
        tf.tidy(() => {
          const a = tf.matMul(x, turned)
          tf.matMul(tf.matMul(a, a), x)
        })
  }
  return {
    peer: products,
    take: () => times(() => undefined, step),
    close: () => void tf.dispose(matrices.map(({ x, turned }) => [x, turned])),
  }
}

answer<null>(async (_, { done }) => {
  await tf.setBackend('wasm')
  done(3000)
  const results: Result[] = []
  for (const problem of problems) {
    const contenders = [
      stepping(problem, donated.name, { donate: true }),
      stepping(problem, unfused.name, { donate: false, unfused: true }),
      ...(problem.rule === 'muon' ? [multiplying(problem)] : []),
    ]
    const samples = new Map(contenders.map(({ peer }) => [peer, [] as number[]]))
    for (let round = 0; round <= rounds; round++)
      for (const { peer, take } of rotated(contenders, round)) {
        const taken = take()
        // the first round warms up
        if (round > 0) samples.get(peer)?.push(...taken)
      }
    for (const { close } of contenders) close()
    for (const [peer, all] of samples)
      results.push({
        ...{ runtime, peer, rule: problem.rule, layout: problem.layout.name },
        ...{ ms: median(all), least: Math.min(...all), readings: all.length },
      })
    done(3 * problem.ms * (1 + rounds) * steps)
  }
  return results
})
