/** What the types of chain and andThen say of the state. */
import { pipe } from 'fp-ts/lib/function.js'
import {
  type AdamState,
  type AnyTransformation,
  adam,
  andThen,
  chain,
  clip,
  type EmptyState,
  type GradientTransformation,
  polyakSgd,
  type StateOf,
  scale,
  type TraceState,
  trace,
} from 'gradpipe'
import { expectTypeOf, test } from 'vitest'

test('a state grows by one', () => {
  type Three = readonly [EmptyState, TraceState, EmptyState]
  expectTypeOf(pipe(clip(1), andThen(trace(0.9)), andThen(scale(2))).init(0)).toEqualTypeOf<Three>()
  expectTypeOf(pipe(chain(clip(1), trace(0.9)), andThen(scale(2))).init(0)).toEqualTypeOf<Three>()
  expectTypeOf(chain(clip(1), trace(0.9), scale(2)).init(0)).toExtend<Three>()
  expectTypeOf(pipe(clip(1), andThen(chain(trace(0.9)))).init(0)[1][0]).toEqualTypeOf<TraceState>()
  expectTypeOf(pipe(adam(0.1), andThen(trace(0.9))).init(0)).toEqualTypeOf<
    readonly [...AdamState, TraceState]
  >()
})

test('a state that is not known stays unknown, and a function may leave it open', () => {
  const some: GradientTransformation = adam(0.1)
  expectTypeOf(pipe(some, andThen(scale(2))).init(0)).toEqualTypeOf<readonly unknown[]>()
  const clipped = <S>(tx: GradientTransformation<S>) => pipe(tx, andThen(clip(1)))
  expectTypeOf(clipped(chain(trace(0.9))).init(0)).toEqualTypeOf<readonly [TraceState, EmptyState]>()
  expectTypeOf(clipped(trace(0.9)).init(0)).toEqualTypeOf<readonly [TraceState, EmptyState]>()
})

test('extra arguments are those of all', () => {
  const tx = pipe(polyakSgd(), andThen(clip(1)))
  tx.update(1, tx.init(0), 0, { value: 1 })
  // @ts-expect-error the loss is missing
  tx.update(1, tx.init(0), 0)
  expectTypeOf<StateOf<typeof tx>>().toExtend<readonly unknown[]>()
  expectTypeOf(tx).toExtend<AnyTransformation>()
})
