/** Types of descriptions. */
import { expectTypeOf, test } from 'vitest'
import {
  adam,
  type Description,
  describe,
  type Either,
  fromDescription,
  fromTerm,
  type GradientTransformation,
  type GradpipeError,
  lookahead,
  momo,
  type Schedule,
} from '../../src/index.js'

test('whatever steps is described, as a record of JSON', () => {
  type Described = Either<GradpipeError, { readonly [key: string]: Description }>
  expectTypeOf(describe(adam(0.1))).toEqualTypeOf<Described>()
  expectTypeOf(describe(momo())).toEqualTypeOf<Described>()
  expectTypeOf(
    describe(lookahead({ fastOptimizer: adam(0.1), syncPeriod: 2, slowStepSize: 0.5 })),
  ).toEqualTypeOf<Described>()
  // @ts-expect-error a function is no transformation
  describe(adam)
})

test('what is read is a transformation, whatever its state', () => {
  expectTypeOf(fromDescription(JSON.parse('{}'))).toEqualTypeOf<
    Either<GradpipeError, GradientTransformation>
  >()
})

test('a term in the count is a schedule', () => {
  expectTypeOf(fromTerm((count) => count.add(1))).toEqualTypeOf<Schedule>()
  // @ts-expect-error the count is a term, which operators do not take
  fromTerm((count) => 1 / count)
})
