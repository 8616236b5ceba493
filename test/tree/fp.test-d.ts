/** The plain types are fp-ts's own, in both directions. */
import type * as E from 'fp-ts/lib/Either.js'
import type * as Q from 'fp-ts/lib/Eq.js'
import type * as M from 'fp-ts/lib/Monoid.js'
import type * as W from 'fp-ts/lib/Show.js'
import type * as S from 'fp-ts/lib/State.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Either, Eq, Monoid, Show, State, TaskEither } from 'gradpipe'
import { expectTypeOf, test } from 'vitest'

test('each is assignable to the one of fp-ts, and the other way', () => {
  expectTypeOf<Either<string, number>>().toExtend<E.Either<string, number>>()
  expectTypeOf<E.Either<string, number>>().toExtend<Either<string, number>>()
  expectTypeOf<TaskEither<string, number>>().toExtend<TE.TaskEither<string, number>>()
  expectTypeOf<TE.TaskEither<string, number>>().toExtend<TaskEither<string, number>>()
  expectTypeOf<State<string, number>>().toExtend<S.State<string, number>>()
  expectTypeOf<S.State<string, number>>().toExtend<State<string, number>>()
  expectTypeOf<Eq<number>>().toExtend<Q.Eq<number>>()
  expectTypeOf<Q.Eq<number>>().toExtend<Eq<number>>()
  expectTypeOf<Show<number>>().toExtend<W.Show<number>>()
  expectTypeOf<W.Show<number>>().toExtend<Show<number>>()
  expectTypeOf<Monoid<number>>().toExtend<M.Monoid<number>>()
  expectTypeOf<M.Monoid<number>>().toExtend<Monoid<number>>()
})
