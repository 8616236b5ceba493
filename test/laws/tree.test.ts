import { expect, test } from 'vitest'
import { checkLaws, runLaws, treeLaws } from '../../laws/index.js'
import { tree } from '../../src/index.js'
import { trying } from './runs.js'

test.each(treeLaws.map((law) => [`${law.name}: ${law.statement}`, law] as const))('%s', (_, law) => {
  checkLaws(tree, [law], { ...trying(300) })
})

test('a map that forgets what is below a second level is no functor', () => {
  const map: typeof tree.Functor.map = (node, f) => (Array.isArray(node) ? [] : tree.Functor.map(node, f))
  const forgetful = { ...tree, FunctorWithIndex: { ...tree.FunctorWithIndex, map } }
  const results = runLaws(forgetful, treeLaws, { runs: 300 })
  expect(results.filter(({ _tag }) => _tag === 'Fails').map(({ law }) => law)).toContain('functor')
})
