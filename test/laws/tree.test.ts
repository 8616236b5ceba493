import { expect, test } from 'vitest'
import { checkLaws, runLaws, treeLaws } from '../../laws/index.js'
import * as instances from '../../src/fp-ts/index.js'
import { tree } from '../../src/index.js'
import { trying } from './runs.js'

const trees = { ...tree, ...instances }

test.each(treeLaws.map((law) => [`${law.name}: ${law.statement}`, law] as const))('%s', (_, law) => {
  checkLaws(trees, [law], { ...trying(300) })
})

test('a map that forgets what is below a second level is no functor', () => {
  const map: typeof instances.Functor.map = (node, f) =>
    Array.isArray(node) ? [] : instances.Functor.map(node, f)
  const forgetful = { ...trees, FunctorWithIndex: { ...instances.FunctorWithIndex, map } }
  const results = runLaws(forgetful, treeLaws, { runs: 300 })
  expect(results.filter(({ _tag }) => _tag === 'Fails').map(({ law }) => law)).toContain('functor')
})
