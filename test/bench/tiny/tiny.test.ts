import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { backends, useBackend } from '../../backends.js'
import { optimizerOf, optimizers, programs } from './programs.js'
import { tiny } from './tiny.js'

describe.each(backends)('the tiny models of the bench, on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each(programs.map((program) => [program.name, program] as const))(
    '%s learns the same with both optimizers, and leaves nothing behind',
    (_, program) => {
      const before = tf.memory().numTensors
      const losses = optimizers.map((name) => {
        const { loss, close } = program.open()
        const optimizer = optimizerOf(name, program)
        const all = Array.from({ length: 20 }, () =>
          tf.tidy(() => optimizer.minimize(loss, true)?.dataSync()[0] ?? 0),
        )
        optimizer.dispose()
        close()
        return all
      })
      const [ours = [], theirs = []] = losses
      expect(ours.at(-1)).toBeLessThan(ours[0] ?? 0)
      for (const [i, value] of ours.entries())
        expect(Math.abs(value / (theirs[i] ?? 0) - 1)).toBeLessThan(1e-3)
      expect(tf.memory().numTensors).toBe(before)
    },
  )

  it('have a part for each program', () => {
    expect(tiny(1).filter(({ name }) => name.endsWith(`on ${backend}`))).toHaveLength(programs.length)
  })
})
