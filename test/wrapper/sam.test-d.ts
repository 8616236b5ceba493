import { expectTypeOf, test } from 'vitest'
import {
  type EmptyState,
  type GradientTransformation,
  type RuleExtraArgs,
  type SamExtraArgs,
  sam,
  scaleByPolyak,
  sgd,
} from '../../src/index.js'

type Needs<T> = T extends GradientTransformation<unknown, infer X> ? X : never

test('sam needs a function that makes gradients in opaque mode alone', () => {
  const seen = sam(sgd(1), sgd(1))
  expectTypeOf(seen.update).toBeCallableWith(1, seen.init(1), 1)
  const opaque = sam(sgd(1), sgd(1), { opaqueMode: true })
  expectTypeOf<Needs<typeof seen>>().not.toExtend<SamExtraArgs>()
  expectTypeOf<Needs<typeof opaque>>().not.toBeNever()
  expectTypeOf<Needs<typeof opaque>>().toExtend<SamExtraArgs>()
  expectTypeOf(opaque.update).toBeCallableWith(1, opaque.init(1), 1, { gradFn: (params) => params })
})

test('sam needs what its optimizers need, and holds their states', () => {
  const tx = sam(scaleByPolyak(), sgd(1))
  expectTypeOf<Needs<typeof tx>>().not.toBeNever()
  expectTypeOf<Needs<typeof tx>>().toExtend<RuleExtraArgs<'value'>>()
  expectTypeOf(tx.init(1).optState).toEqualTypeOf<EmptyState>()
})
