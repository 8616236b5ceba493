/** Rows of numbers and typed arrays in Node: a process for each kind of array. */
import { type Extent, expected } from './expected.js'
import type { Part } from './part.js'
import { arrayPeers, type Floats } from './peers/arrays.js'
import { inProcess } from './worker.js'

const kinds: readonly Floats[] = ['Float32Array', 'Float64Array']

/** The runtime of these rows. */
export const runtimeOf = (floats: Floats): string => `node, ${floats}`

/** What the process is asked. */
export interface Question extends Extent {
  readonly floats: Floats
}

/** Until a process has loaded gradpipe. */
const starting = 500

/** What a step takes: there is nothing to launch. */
const step = { parameter: 5e-6, leaf: 0.001 }

/**
 * A step of a few microseconds is JavaScript's own, and takes twice as long until the engine has optimized all of it: some
 * thirty thousand steps.
 */
const warmUp = 100

/** Rows on arrays, by kind: of Adam, which there is a loop by hand to be held against. */
export const arrays = (given: Extent): readonly Part[] =>
  kinds.map((floats) => {
    const pace = { ...given.pace, warmUp: Math.max(given.pace.warmUp, warmUp) }
    const question: Question = { ...given, pace, rules: ['adam'], floats, step }
    return {
      name: floats,
      ms: starting + expected(question, arrayPeers(floats).length),
      run: async (report) => {
        const results = await inProcess(new URL('./arraysMain.ts', import.meta.url), question, report)
        report.done(starting)
        return results
      },
    }
  })
