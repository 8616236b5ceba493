/** The reference has each rule's module beside its formula. */
import { adam, clipByGlobalNorm, flatten, scale } from 'gradpipe'
import { expect, test } from 'vitest'
import { modulesOf } from '../../docs/plugin/modules.js'

test('a module is what is the rule’s own, folded away', () => {
  const text = modulesOf(adam(0.1))
  const one = (engine: string): string =>
    `\\n\\n<details><summary>.*${engine}.*</summary>\\n\\n\`{3}python\\n[^\`]*\\n\`{3}\\n\\n</details>`
  expect(text).toMatch(new RegExp(`^${one('JAX')}${one('PyTorch')}$`))
  expect(text).toContain('\n    next_mu = b1 * mu + (1 - b1) * g\n')
  expect(text).toContain('def _numbers(kept):')
  for (const ofAll of ['import', 'def update(', 'def load(', 'class _Rule', 'class Optimizer', '"""A'])
    expect(text).not.toContain(ofAll)
})

test('totals of the tree are its own', () => {
  expect(modulesOf(clipByGlobalNorm(1))).toContain('totals=({"norm0": _norm_of_all},)')
})

test('what does not travel has none', () => {
  expect(modulesOf(flatten(scale(1)))).toBe('')
})
