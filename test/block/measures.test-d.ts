import { expectTypeOf, test } from 'vitest'
import { ema, monitor, norm, type Params, snapshot, type TreeValue } from '../../src/index.js'

test('what is measured has the type of its scope, under its name', () => {
  const tree = snapshot('length', (u) => norm(u, 'tree'))
  expectTypeOf(tree.init(0).measurement).toEqualTypeOf<{ readonly length: TreeValue }>()
  const leaf = snapshot('lengths', (u) => norm(u, 'leaf'))
  expectTypeOf(leaf.init(0).measurement).toEqualTypeOf<{ readonly lengths: Params }>()
  // @ts-expect-error a measure makes a term
  snapshot('length', () => 5)
})

test('a monitor’s measurements have the names of its measures', () => {
  const tx = monitor({ length: (u) => norm(u, 'tree'), lengths: (u) => norm(u, 'leaf'), mean: ema(0.9) })
  expectTypeOf(tx.init(0).measurements).toEqualTypeOf<{
    readonly length: TreeValue
    readonly lengths: Params
    readonly mean: Params
  }>()
})
