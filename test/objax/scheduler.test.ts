import { describe, expect, test } from 'vitest'
import { GradpipeError } from '../../src/error.js'
import * as objax from '../../src/objax/index.js'
import { camelKeys, goldens } from './objax.js'

const { LinearAnnealing, Scheduler, StepDecay } = objax.optimizer.scheduler

/** Options whose names are known only as text. */
type Config = Readonly<Record<string, never>>

const classes: Readonly<Record<string, (config: Config) => objax.Module<[step: number], number>>> = {
  LinearAnnealing: ({ maxStep = 0, ...options }) => new LinearAnnealing(maxStep, options),
  StepDecay: ({ stepSize = 0, ...options }) => new StepDecay(stepSize, options),
}

describe('schedulers', () => {
  test.each(goldens.schedulers.map((run) => [`${run.name} ${JSON.stringify(run.config)}`, run] as const))(
    'the learning rates of Objax agree in float64: %s',
    (_, { name, config, values }) => {
      const schedule = classes[name]?.(camelKeys(config) as Config)
      values.forEach((value, step) => {
        expect(Math.abs((schedule?.(step) ?? Number.NaN) - value)).toBeLessThanOrEqual(
          1e-12 * Math.abs(values[0] ?? 0),
        )
      })
    },
  )

  test('a cycle goes on before step 0, as the remainder of Python does', () => {
    expect(new LinearAnnealing(10)(-3)).toBeCloseTo(0.3, 12)
  })

  test('a learning rate that is no finite number is refused, where Objax trains with it', () => {
    class Wild extends Scheduler {
      multiplier(step: number): number {
        return 1 / step
      }
    }
    for (const [schedule, path, step, given] of [
      [new LinearAnnealing(0), 'LinearAnnealing.multiplier', 3, 'NaN at count 3'],
      [new StepDecay(1, { gamma: 1e9 }), 'StepDecay.multiplier', 40, 'Infinity at count 40'],
      [new Wild(-1), 'Wild.multiplier', 0, '-Infinity at count 0'],
    ] as const)
      expect(() => schedule(step)).toThrow(
        expect.objectContaining({ _tag: 'InvalidArgument', path, expected: 'a finite number', given }),
      )
    expect(new Wild()(2)).toBe(0.5)
  })

  test('a base learning rate of 0 and a decay every 0 steps are refused, where Python divides by zero', () => {
    expect(() => new LinearAnnealing(10, { baseLr: 0 })).toThrow(GradpipeError)
    expect(() => new StepDecay(0)(3)).toThrow(GradpipeError)
  })

  test('a misspelt option is refused', () => {
    expect(() => new StepDecay(3, { lr: 0.1 } as object)).toThrow(
      /StepDecay\.lr: expected one of baseLr, gamma/,
    )
  })

  test('a class that only says its multiplier is a schedule', () => {
    class Inverse extends Scheduler {
      multiplier(step: number): number {
        return 1 / (1 + step)
      }
    }
    expect([0, 1, 3].map(new Inverse(8))).toEqual([8, 4, 2])
    expect(String(new Inverse())).toBe('Inverse()')
  })
})
