/** The code to copy: it is TypeScript in the strictest settings, and makes the race that is shown. */
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../docs/site/race/code.js'
import { objectives } from '../../docs/site/race/functions.js'
import { raceIn, usualRace } from '../../docs/site/race/hash.js'
import { optimizers } from '../../docs/site/race/optimizers.js'
import { pathOf } from '../../docs/site/race/race.js'
import { typeErrors } from '../examples/compile.js'
import { run } from './program.js'

const races = objectives.map((objective) => ({
  // the line search takes a moment for every step
  race: { ...usualRace(objective, optimizers), steps: 60 },
  title: objective.title,
}))

describe('the program of a race', () => {
  it.each(races)(
    'on $title ends every optimizer where the page ends it, to the last digit',
    async ({ race }) => {
      const ends = await run(codeOf(race))
      expect(Object.keys(ends)).toEqual(race.runners.map(({ optimizer }) => optimizer.title))
      for (const runner of race.runners) {
        const { points, losses } = pathOf(race, runner)
        expect(ends[runner.optimizer.title]).toEqual({ ...points.at(-1), loss: losses.at(-1) })
      }
    },
  )

  it('makes what an address has described', { timeout: 120_000 }, async () => {
    const description = encodeURIComponent(
      JSON.stringify({ gradpipe: 1, $call: 'adam', args: [0.1, { b1: 0.5 }] }),
    )
    const race = raceIn(`#race?f=quadratic&steps=60&sgd=&own=${description}`)
    const program = {
      file: 'race-own',
      line: 1,
      subject: 'own',
      code: codeOf(race),
      keepsTensors: false,
      noRun: undefined,
    }
    expect(typeErrors([program])(program)).toEqual([])
    const ends = await run(program.code)
    for (const runner of race.runners) {
      const { points, losses } = pathOf(race, runner)
      expect(ends[runner.optimizer.title]).toEqual({ ...points.at(-1), loss: losses.at(-1) })
    }
  })

  it('has the right types, with a line search and without', { timeout: 120_000 }, () => {
    const programs = [
      ...races.map(({ race }) => race),
      ...objectives.map((objective) => usualRace(objective)),
    ].map((race, i) => ({
      file: `race-${i}`,
      line: 1,
      subject: race.objective.name,
      code: codeOf(race),
      keepsTensors: false,
      noRun: undefined,
    }))
    expect(programs.flatMap(typeErrors(programs))).toEqual([])
  })
})
