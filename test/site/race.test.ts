/** Races as data: paths, addresses, sliders. */
import fc from 'fast-check'
import {
  adam,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  describe as describeAs,
  fromTerm,
  select,
  sgd,
  step,
} from 'gradpipe'
import { describe, expect, it } from 'vitest'
import { objectiveOf, objectives, type Point } from '../../docs/site/race/functions.js'
import { hashOf, raceIn, usualRace } from '../../docs/site/race/hash.js'
import { lossRange } from '../../docs/site/race/lossRange.js'
import { optimizers, type Setting } from '../../docs/site/race/optimizers.js'
import { pathOf, type Race, stepsRange, usualSettings } from '../../docs/site/race/race.js'
import { placeOf, valueAt } from '../../docs/site/race/scale.js'

const [quadratic] = objectives
const plainSgd = optimizers.find(({ name }) => name === 'sgd')
if (plainSgd === undefined) throw new Error('no sgd in the table')

describe('a path', () => {
  it('is that of gradient descent, worked out by hand', () => {
    const race = { objective: quadratic, start: { x: 1, y: 1 }, steps: 2 }
    const { points, losses, lost } = pathOf(race, { optimizer: plainSgd, settings: { learningRate: 0.01 } })
    expect(lost).toBe(false)
    expect(points).toHaveLength(3)
    for (const [i, { x, y }] of points.entries()) {
      expect(x).toBeCloseTo(0.99 ** i, 12)
      expect(y).toBeCloseTo(0.8 ** i, 12)
      expect(losses[i]).toBe(quadratic.value({ x, y }))
    }
  })

  it('ends where a runner leaves for infinity', () => {
    const race = { objective: quadratic, start: { x: 1, y: 1 }, steps: 500 }
    const { points, losses, lost } = pathOf(race, { optimizer: plainSgd, settings: { learningRate: 1 } })
    expect(lost).toBe(true)
    expect(points.length).toBeLessThan(20)
    expect(losses.every(Number.isFinite)).toBe(true)
  })

  it.each(optimizers)('of $title goes down on every function, as the page begins with it', (optimizer) => {
    for (const objective of objectives) {
      const { start, steps } = objective
      const { losses, lost } = pathOf(
        { objective, start, steps },
        { optimizer, settings: usualSettings(objective, optimizer) },
      )
      expect(lost, objective.name).toBe(false)
      expect(losses, objective.name).toHaveLength(steps + 1)
      expect(Math.min(...losses), objective.name).toBeLessThan((losses[0] ?? 0) / 1.5)
    }
  })

  it('of everyone that is shown first ends lower than it begins', () => {
    for (const objective of objectives) {
      const race = usualRace(objective)
      for (const runner of race.runners) {
        const { losses } = pathOf(race, runner)
        expect(losses.at(-1), `${runner.optimizer.name} on ${objective.name}`).toBeLessThan(losses[0] ?? 0)
      }
    }
  })
})

describe('settings', () => {
  const settings = optimizers.flatMap((optimizer) =>
    optimizer.settings.map((setting) => [`${optimizer.title}, ${setting.title}`, setting] as const),
  )

  it.each(settings)('of %s are within their range at first, and at a place of the slider', (_, setting) => {
    expect(setting.initial).toBeGreaterThanOrEqual(setting.min)
    expect(setting.initial).toBeLessThanOrEqual(setting.max)
    expect(placeOf(setting, setting.min)).toBeCloseTo(0, 9)
    expect(placeOf(setting, setting.max)).toBeCloseTo(1, 9)
    expect(valueAt(setting, 0)).toBeCloseTo(setting.min, 9)
    expect(valueAt(setting, 1)).toBeCloseTo(setting.max, 9)
  })

  it('go up as the slider does, and stay in their range', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.constantFrom(...settings),
        place,
        place,
        ([, setting]: readonly [string, Setting], a, b) => {
          const [low, high] = [valueAt(setting, Math.min(a, b)), valueAt(setting, Math.max(a, b))]
          expect(low).toBeLessThanOrEqual(high)
          expect(low).toBeGreaterThanOrEqual(setting.min)
          expect(high).toBeLessThanOrEqual(setting.max)
        },
      ),
    )
  })

  it('that suit a function are those of an optimizer in the table, within its ranges', () => {
    for (const objective of objectives)
      for (const name of Object.keys(objective.suited)) {
        const optimizer = optimizers.find((other) => other.name === name)
        expect(optimizer, name).toBeDefined()
        const usual = optimizer === undefined ? {} : usualSettings(objective, optimizer)
        for (const setting of optimizer?.settings ?? []) {
          expect(usual[setting.name], `${name} on ${objective.name}`).toBeGreaterThanOrEqual(setting.min)
          expect(usual[setting.name], `${name} on ${objective.name}`).toBeLessThanOrEqual(setting.max)
        }
      }
  })
})

describe('an address', () => {
  const races: fc.Arbitrary<Race> = fc
    .record({
      objective: fc.constantFrom(...objectives),
      chosen: fc.subarray([...optimizers], { minLength: 1 }),
      places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 80, maxLength: 80 }),
      steps: fc.integer({ min: stepsRange[0], max: stepsRange[1] }),
      at: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    })
    .map(({ objective, chosen, places, steps, at }) => {
      const start: Point = {
        x: objective.domain.x[0] + at[0] * (objective.domain.x[1] - objective.domain.x[0]),
        y: objective.domain.y[0] + at[1] * (objective.domain.y[1] - objective.domain.y[0]),
      }
      const next = places.values()
      const runners = chosen.map((optimizer) => ({
        optimizer,
        settings: Object.fromEntries(
          optimizer.settings.map((setting) => [setting.name, valueAt(setting, next.next().value ?? 0)]),
        ),
      }))
      return { objective, start, steps, runners }
    })

  it('leads back to the same race', () => {
    fc.assert(
      fc.property(races, (race) => {
        expect(hashOf(raceIn(hashOf(race)))).toBe(hashOf(race))
        expect(raceIn(hashOf(race))).toEqual(race)
      }),
    )
  })

  it('leads to a race that can be run, whatever it says', () => {
    const pieces = fc.constantFrom(
      'f=',
      'rosenbrock',
      'steps=',
      '1e9',
      '-1',
      'NaN',
      '&',
      'adam=',
      'b1:',
      'start=',
      ',',
      '%',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((all) => `#race?${all.join('')}`),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const { objective, start, steps, runners } = raceIn(text)
        expect(objectiveOf(objective.name)).toBe(objective)
        expect(Number.isFinite(start.x + start.y)).toBe(true)
        expect(Number.isInteger(steps) && steps >= stepsRange[0] && steps <= stepsRange[1]).toBe(true)
        expect(runners.length).toBeGreaterThan(0)
        for (const { optimizer, settings } of runners) expect(() => optimizer.make(settings)).not.toThrow()
      }),
    )
  })

  describe('with a description', () => {
    const tx = chain(clipByGlobalNorm(1), adam(cosineDecaySchedule(0.5, 50), { b1: 0.8 }))
    const described = describeAs(tx)
    if (described._tag === 'Left') throw described.left
    const own = (description: unknown): string => `own=${encodeURIComponent(JSON.stringify(description))}`
    const address = `#race?f=quadratic&steps=60&sgd=&${own(described.right)}`

    it('brings an optimizer along, which races beside the others', () => {
      const race = raceIn(address)
      expect(race.runners.map(({ optimizer }) => optimizer.name)).toEqual(['sgd', 'own'])
      expect(hashOf(race)).toBe(address)
      const [, runner] = race.runners
      if (runner === undefined) throw new Error('it does not race')
      let [params, state] = [quadratic.start, tx.init(quadratic.start)]
      for (let i = 0; i < 60; i++) [params, state] = step(tx)(params, state, quadratic.gradient(params, i))
      expect(pathOf(race, runner).points.at(-1)).toEqual(params)
    })

    it('leaves out what nothing can be made of, or what is not for x and y', () => {
      const masked = { gradpipe: 1, $call: 'masked', args: [{ $call: 'sgd', args: [1] }, { w: true }] }
      for (const text of [
        own(masked),
        own({ gradpipe: 1, $call: 'sgd', args: [-1, 2, 3] }),
        'own=%7B',
        'own=',
      ])
        expect(
          raceIn(`#race?f=quadratic&sgd=&${text}`).runners.map(({ optimizer }) => optimizer.name),
        ).toEqual(['sgd'])
    })

    it('whose schedule gives what is no rate ends there', () => {
      const odd = describeAs(sgd(fromTerm((count) => select(count.lt(3), 0.01, Number.NaN))))
      if (odd._tag === 'Left') throw odd.left
      const race = raceIn(`#race?f=quadratic&${own(odd.right)}`)
      const [runner] = race.runners
      if (runner === undefined) throw new Error('it does not race')
      expect(pathOf(race, runner)).toMatchObject({ lost: true, points: { length: 4 } })
    })
  })

  it('says nothing of what is as usual', () => {
    expect(hashOf(usualRace(quadratic, [plainSgd]))).toBe('#race?f=quadratic&sgd=')
  })
})

describe('the scale of losses', () => {
  it('reaches from the lowest to the highest of the paths, in powers of ten', () => {
    const lane = (losses: readonly number[]) => ({
      runner: { optimizer: plainSgd, settings: {} },
      path: { points: losses.map(() => ({ x: 0, y: 0 })), losses, lost: false },
    })
    expect(lossRange([lane([20, 3, 0.02]), lane([20, 50])])).toEqual([0.01, 100])
    expect(lossRange([lane([1, 0])])).toEqual([1, 10])
    expect(lossRange([lane([1, 1e9])])).toEqual([1, 100])
    expect(lossRange([])).toEqual([1, 10])
  })
})
