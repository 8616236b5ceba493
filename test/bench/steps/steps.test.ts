import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { describe, expect, it } from 'vitest'
import { denseNetwork } from '../../tfjs/networks/layers.js'
import type { Result } from '../result.js'
import { withTables } from './document.js'
import { denseOnJax, transformerOnJax } from './jax.js'
import { type Contender, expected, here, run } from './run.js'
import { ofLayers, ofTransformer, type Training } from './session.js'
import { stepsText } from './table.js'
import { stepTargets } from './targets.js'
import { turn } from './turn.js'
import { workloads } from './workloads.js'

const small = { batch: 2, layers: 2, width: 8, heads: 2, sequence: 6, vocabulary: 12 }

const quiet = { say: () => {}, done: () => {} }
const soon = { rounds: 2, opening: 0, pace: { warmUp: 0, turn: 0 }, enough: 2 }

/** A training without tensors, whose losses are these and then 0. */
const training = (losses: readonly number[], optimizer: number | null = null): Training => {
  let steps = 0
  return {
    step: async () => losses[steps++] ?? 0,
    optimizer: () => optimizer && steps * optimizer,
    close: () => {},
  }
}

const one = (peer: string, losses: readonly number[], optimizer: number | null = null): Contender =>
  here(
    peer,
    0,
    async () => training(losses, optimizer),
    async () => {},
  )

describe('the trainings of the bench', () => {
  const losses = async (open: () => Training | Promise<Training>): Promise<readonly number[]> => {
    const opened = await open()
    const found = [await opened.step(), await opened.step(), await opened.step()]
    opened.close()
    return found
  }

  const close = (found: readonly number[], reference: readonly number[]): void => {
    // different orders of summation in float32, and three steps
    for (const [i, loss] of found.entries()) expect(loss / (reference[i] ?? 0)).toBeCloseTo(1, 4)
  }

  it('of the dense network agree, learn, and leave no tensor behind', async () => {
    await tf.setBackend('wasm')
    const before = tf.memory().numTensors
    const reference = await losses(() => ofLayers(denseNetwork({ units: 8 }), 4, 'tf.train'))
    close(await losses(() => ofLayers(denseNetwork({ units: 8 }), 4, 'gradpipe')), reference)
    close(await losses(() => denseOnJax(4, 8)), reference)
    expect(reference[2]).toBeLessThan(reference[0] ?? 0)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('of the transformer agree, learn, and leave no tensor behind', async () => {
    await tf.setBackend('wasm')
    const before = tf.memory().numTensors
    const reference = await losses(() => ofTransformer(small, 'tf.train'))
    close(await losses(() => ofTransformer(small, 'gradpipe')), reference)
    close(await losses(() => transformerOnJax(small)), reference)
    expect(reference[2]).toBeLessThan(reference[0] ?? 0)
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each(workloads.map((w) => [w.name, w] as const))('%s can be made', (_, { open }) => {
    const before = tf.memory().numTensors
    open('tf.train').close()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('a turn of a training', () => {
  it('counts a step that is longer than its time, and else those after the warm-up', async () => {
    expect((await turn(training([3, 2]), soon.pace)).steps).toHaveLength(1)
    const long = {
      ...training([3, 2]),
      step: () => new Promise<number>((resolve) => setTimeout(() => resolve(3), 30)),
    }
    const { steps, losses } = await turn(long, { warmUp: 5, turn: 5 })
    expect(steps).toHaveLength(1)
    expect(losses).toHaveLength(1)
  })
})

describe('a run of trainings', () => {
  it('takes turns, and compares the losses of the first steps', async () => {
    const results = await run('net', [one('a', [4, 2, 1], 0.25), one('b', [4, 2.2, 1])], soon, quiet)
    expect(results.map(({ peer, optimizer }) => [peer, optimizer])).toEqual([
      ['a', 0.25],
      ['b', undefined],
    ])
    expect(results.map(({ difference }) => difference)).toEqual([0, expect.closeTo(0.1)])
  })

  it('goes on without one that fails, and says why', async () => {
    const said: string[] = []
    const failing: Contender = { peer: 'b', slow: 0, open: () => Promise.reject(new Error('no kernel')) }
    const results = await run('net', [failing, one('a', [1])], soon, {
      ...quiet,
      say: (line) => said.push(line),
    })
    expect(results.map(({ peer }) => peer)).toEqual(['a'])
    expect(said).toEqual(['b failed on net: no kernel'])
  })

  it('takes two steps of a slow one, and expects its time', async () => {
    const slow = { ...one('cpu', [1, 1, 1, 1]), slow: 5000 }
    const [result] = await run('net', [slow], { ...soon, rounds: 5 }, quiet)
    expect(result?.readings).toBe(2)
    const plan = { rounds: 5, opening: 600, pace: { warmUp: 100, turn: 200 }, enough: 2 }
    expect(expected([slow], plan) - expected([{ slow: 0 }], plan)).toBe(2 * 5000 - 5 * 300 - 600)
    expect(expected([slow, slow], plan)).toBe(2 * expected([slow], plan))
  })

  it('expects the steps that a device begins, and its kernels first', () => {
    const plan = { rounds: 2, opening: 600, pace: { warmUp: 100, turn: 200 }, enough: 2 }
    const on = (step: number) => ({ slow: 0, device: { compiling: 1000, step } })
    expect(expected([on(0)], plan)).toBe(1000 + 2 * 300)
    // two steps of 80 to warm up, and three
    expect(expected([on(80)], plan)).toBe(1080 + 2 * 5 * 80)
    // longer than a turn: it counts
    expect(expected([on(5000)], plan)).toBe(6000 + 2 * 5000)
  })

  it('tells of its progress as much as was expected', async () => {
    const device = { compiling: 1000, step: 500 }
    const all = [one('a', [1]), { ...one('b', [1]), slow: 4000 }, { ...one('c', [1]), device }]
    let over = 0
    await run('net', all, soon, { ...quiet, done: (ms) => (over += ms) })
    expect(over).toBe(expected(all, soon))
  })
})

describe('the tables of trainings', () => {
  const result = (peer: string, ms: number, more: Partial<Result> = {}): Result => ({
    runtime: 'training',
    peer,
    rule: 'training step',
    layout: 'net',
    ms,
    least: ms,
    readings: 9,
    ...more,
  })

  it('have times, ratios and shares, and mark what was seldom measured', () => {
    const results = [
      result('gradpipe, wasm', 2, { optimizer: 0.5 }),
      result('tf.train, wasm', 8),
      result('tf.train, cpu', 90, { readings: 2 }),
      result('forward', 3, { rule: 'convolution', layout: 'c' }),
      result('both gradients', 6, { rule: 'convolution', layout: 'c' }),
    ]
    expect(
      stepsText(results)
        .split('\n')
        .filter((line) => /^\| (net|c) /.test(line))
        .map((line) => line.split('|').map((cell) => cell.trim())),
    ).toEqual([
      ['', 'net', '2', '8', '90*', ''],
      ['', 'net', '4', '45', ''],
      ['', 'net', '25 %', ''],
      ['', 'c', '3', '6', '2', ''],
    ])
    expect(stepsText(results)).toContain(
      '| tf.train / gradpipe, both wasm | tf.train, cpu / gradpipe, wasm |',
    )
    // nothing to compare, and no share
    expect(stepsText([result('tf.train, cpu', 1)]).split('\n')).toHaveLength(3)
    expect(stepsText([])).toBe('')
  })

  it('are put into the page, in the place of those before', () => {
    const page = readFileSync(new URL('../../../docs/speed.md', import.meta.url), 'utf8')
    const once = withTables(page, '| a |')
    expect(once).toContain('-->\n\n| a |\n\n<!--')
    expect(withTables(withTables(page, '| b |'), '| a |')).toBe(once)
    expect(() => withTables('', '')).toThrow('the page has no')
  })

  it('have a goal for every network', () => {
    const goals = stepTargets.flatMap(({ goals }) => Object.keys(goals))
    for (const { name } of workloads) expect(goals).toContain(name)
  })
})
