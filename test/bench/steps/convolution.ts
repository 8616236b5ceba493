/** What the two gradients of a convolution take at least, next to its forward pass: on WASM, in turns. */
import * as tf from '@tensorflow/tfjs'
import { valueAndGrad } from 'gradpipe/tfjs'
import { noise } from '../noise.js'
import type { Report } from '../progress.js'
import type { Result } from '../result.js'
import type { StepPace } from './run.js'
import type { Training } from './session.js'
import { turn } from './turn.js'

/** A batch of images and filters of 3 × 3. */
interface Convolution {
  readonly size: number
  readonly from: number
  readonly to: number
}

const batch = 32

const convolutions: readonly Convolution[] = [
  { size: 28, from: 1, to: 16 },
  { size: 13, from: 16, to: 32 },
  { size: 16, from: 32, to: 64 },
]

const nameOf = ({ size, from, to }: Convolution): string => `${size} × ${size} × ${from} → ${to}`

const drawn = (shape: [number, number, number, number], seed: number): tf.Tensor4D => {
  const n = shape.reduce((a, b) => a * b, 1)
  return tf.tensor4d(noise(n, 1, seed), shape)
}

/** The forward pass, and the same with its gradients: of a loss that gives the result these gradients, and is no work. */
const sessions = ({ size, from, to }: Convolution): Readonly<Record<'forward' | 'all', Training>> => {
  const x = drawn([batch, size, size, from], 1)
  const w = drawn([3, 3, from, to], 2)
  const dy = drawn([batch, size - 2, size - 2, to], 3)
  const ending = tf.customGrad(() => ({ value: tf.scalar(0), gradFunc: () => dy.clone() }))
  const loss = (given: { readonly x: tf.Tensor4D; readonly w: tf.Tensor4D }): tf.Scalar =>
    ending(tf.conv2d(given.x, given.w, 1, 'valid')) as tf.Scalar // as it is above
  const gradient = valueAndGrad(loss)
  const ofStep = (step: () => tf.Scalar): Training => ({
    step: async () => {
      step().dispose()
      return 0
    },
    optimizer: () => null,
    close: () => tf.dispose([x, w, dy]),
  })
  return {
    forward: ofStep(() => tf.tidy(() => loss({ x, w }))),
    all: ofStep(() => {
      const { value, grads } = gradient({ x, w })
      tf.dispose([grads.x, grads.w])
      return value
    }),
  }
}

/** Milliseconds that they will take. */
export const expected = ({ rounds, pace }: StepPace): number =>
  2 * convolutions.length * rounds * (pace.warmUp + pace.turn)

/** The forward pass, and both gradients without it. */
export const run = async (plan: StepPace, { say, done }: Report): Promise<readonly Result[]> => {
  const results: Result[] = []
  for (const convolution of convolutions) {
    const { forward, all: whole } = sessions(convolution)
    const times = { forward: [] as number[], all: [] as number[] }
    try {
      for (let round = 0; round < plan.rounds; round++) {
        times.forward.push(...(await turn(forward, plan.pace)).steps)
        times.all.push(...(await turn(whole, plan.pace)).steps)
      }
    } catch (error) {
      say(`no gradients of the convolution: ${error instanceof Error ? error.message : error}`)
    }
    forward.close()
    done(2 * plan.rounds * (plan.pace.warmUp + plan.pace.turn))
    if (times.all.length === 0) continue
    const of = (peer: string, ms: number): Result => ({
      runtime: 'training',
      peer,
      rule: 'convolution',
      layout: nameOf(convolution),
      ms,
      least: ms,
      readings: times.all.length,
    })
    // the difference of medians would be that of what else the machine does
    const [one, all] = [Math.min(...times.forward), Math.min(...times.all)]
    results.push(of('forward', one), of('both gradients', all - one))
  }
  return results
}
