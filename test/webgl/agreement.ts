/** Steps on WebGL beside those on numbers, in a page. */
import * as fc from 'fast-check'
import { catalogue } from '../../laws/index.js'
import { transformationOf } from '../laws/randomRule.js'
import { differences } from '../webgpu/difference.js'
import { block, bothWays } from '../webgpu/follow.js'
import * as operators from '../webgpu/operators.js'
import { moderateRules, rulesOfAxes, wholeRules } from '../webgpu/randomRules.js'
import * as trials from '../webgpu/trials.js'
import { collect, type Trial, type Tried, useWebgl } from './backend.js'

/** Where operators differ from those of numbers. */
export const operations = async (): Promise<Tried> => {
  const device = await useWebgl()
  const { unaries, binaries, compares, differing, chosenOtherwise } = operators
  return collect([
    ...unaries.map(([op, ulps]) => [op, () => differing(device, [op, 'g'], ulps)] as const),
    ...binaries.map(([op, ulps]) => [op, () => differing(device, [op, 'g', 'p'], ulps)] as const),
    ...compares.map((op) => [op, () => chosenOtherwise(device, op)] as const),
  ])
}

/** Where steps differ from those on numbers. */
export const steps = async (packed: boolean): Promise<Tried> => {
  const device = await useWebgl({ packed })
  return collect([
    ...Object.entries(trials.transformations).map(
      ([name, tx]) => [name, () => trials.differing(device, tx)] as const,
    ),
    ...Object.entries(trials.ofRows).map(
      ([name, tx]) => [name, () => trials.differing(device, tx, trials.matrices)] as const,
    ),
    ...Object.entries(trials.ofMatrices).map(
      ([name, tx]) => [name, () => trials.differingByProducts(device, tx)] as const,
    ),
    ['norms of rows and columns', () => trials.differing(device, trials.norms, trials.sizes)],
  ])
}

/** Where some of the catalogue's transformations differ: every `of`th, from the so-manieth on. */
export const ofCatalogue = async (first: number, of: number): Promise<Tried> => {
  const device = await useWebgl()
  return collect(
    catalogue
      .filter((_, i) => i % of === first)
      .map(({ call, make }) => [call, () => trials.differing(device, make(), trials.flat)] as const),
  )
}

const asserted =
  <A>(property: fc.IAsyncProperty<A>, runs: number, seed: number): Trial[1] =>
  async () => {
    await fc.assert(property, { numRuns: runs, seed })
    return []
  }

/** Random rules: exact on whole numbers, of rows and columns too, and of IEEE operators on moderate ones. */
export const random = async (runs: number, seed: number): Promise<Tried> => {
  const device = await useWebgl()
  return collect([
    ['whole numbers', asserted(wholeRules(device), runs, seed)],
    ['rows and columns', asserted(rulesOfAxes(device), runs, seed)],
    ['moderate numbers', asserted(moderateRules(device), runs, seed)],
  ])
}

/** Reductions of special values, wherever they are. */
export const special = async (): Promise<Tried> => {
  const device = await useWebgl()
  const kinds = ['sum', 'max of', 'norm'] as const
  const scopes = ['leaf', 'tree'] as const
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]
  return collect(
    kinds.flatMap((kind) =>
      scopes.flatMap((over) =>
        values.map((x) => {
          const tx = transformationOf({ update: [kind, over, 'g'], m: 'm', l: [kind, over, 'p'], r: 'r' })
          const differing = async (): Promise<readonly string[]> => {
            const found: string[] = []
            for (const place of [0, 255, 700]) {
              const some = block(701, (i) => (i === place ? x : -0))
              const [expected, given] = await bothWays(device, tx, {
                params: [some, block(3, () => -1)],
                grads: [[some, block(3, () => -2)]],
              })
              found.push(...differences(expected, given, { ulps: 0, near: 0 }))
            }
            return found
          }
          return [`${kind} ${over} ${x}`, differing] as const
        }),
      ),
    ),
  )
}
