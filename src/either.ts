/** The two cases of fp-ts's Either. Plain data: the module of fp-ts that makes them brings half of fp-ts along into a bundle. */
import type { Either } from 'fp-ts/lib/Either.js'

/** What failed. */
export const left = <L>(value: L): Either<L, never> => ({ _tag: 'Left', left: value })

/** What there is. */
export const right = <R>(value: R): Either<never, R> => ({ _tag: 'Right', right: value })
