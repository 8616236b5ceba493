/** The reference has each rule's module beside its formula. */
import { adam, clipByGlobalNorm, flatten, scale } from 'gradpipe'
import { expect, test } from 'vitest'
import { modulesOf } from '../../docs/plugin/modules.js'

test('a module is what is the rule’s own, folded away, for each engine', () => {
  const texts = modulesOf(adam(0.1)).split(/(?=\n\n<details>)/)
  expect(texts.map((text) => /module for (\w+)/.exec(text)?.[1])).toEqual(['JAX', 'PyTorch'])
  for (const text of texts) {
    expect(text).toMatch(/^\n\n<details><summary>.*<\/summary>\n\n```python\n[^`]*\n```\n\n<\/details>$/)
    expect(text).toContain('\n    next_mu = b1 * mu + (1 - b1) * g\n')
    expect(text).toContain('def _numbers(kept):')
    for (const ofAll of ['import', 'def update(', 'def load', 'class ', 'printed by gradpipe'])
      expect(text).not.toContain(ofAll)
  }
})

test('totals of the tree are its own', () => {
  expect(modulesOf(clipByGlobalNorm(1))).toContain('totals=({"norm0": _norm_of_all},)')
})

test('what does not travel has none', () => {
  expect(modulesOf(flatten(scale(1)))).toBe('')
})
