import { describe, expect, it } from 'vitest'
import { layouts, parametersOf } from './layouts.js'

describe('the layouts of the bench', () => {
  const sizes = Object.fromEntries(
    layouts.map((layout) => [layout.name, [layout.shapes.length, parametersOf(layout)]]),
  )

  it('hold the tensors and parameters of the networks they are named after', () => {
    expect(sizes.resnet50).toEqual([161, 25_557_032])
    expect(sizes.mlp).toEqual([6, 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10])
    // an embedding, six layers of 12 · 256² + 13 · 256, and a norm
    expect(sizes.transformer).toEqual([1 + 6 * 16 + 2, 1000 * 256 + 6 * (12 * 256 ** 2 + 13 * 256) + 2 * 256])
    expect(sizes['1000x100']).toEqual([1000, 100_000])
  })

  it('hold single tensors of the sizes in their names', () => {
    for (const name of ['1e3', '1e4', '1e5', '1e6', '1e7']) expect(sizes[name]).toEqual([1, Number(name)])
  })
})
