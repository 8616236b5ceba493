/**
 * What fp-ts works with, as plain types: its own are assignable to them, and they to its. So no declaration needs fp-ts,
 * and no bundle has the module of fp-ts that makes an Either, which brings half of fp-ts along.
 */

/**
 * What failed.
 *
 * @category fp-ts
 */
export interface Left<E> {
  /** Tells the two apart. */
  readonly _tag: 'Left'
  /** Why. */
  readonly left: E
}

/**
 * What there is.
 *
 * @category fp-ts
 */
export interface Right<A> {
  /** Tells the two apart. */
  readonly _tag: 'Right'
  /** The value. */
  readonly right: A
}

/**
 * A value, or why there is none: the `Either` of fp-ts.
 *
 * @category fp-ts
 */
export type Either<E, A> = Left<E> | Right<A>

/**
 * What is done when it is called, and never rejects: the `TaskEither` of fp-ts.
 *
 * @category fp-ts
 */
export type TaskEither<E, A> = () => Promise<Either<E, A>>

/**
 * A function of a state to a value and the next state: the `State` of fp-ts.
 *
 * @category fp-ts
 */
export type State<S, A> = (state: S) => [A, S]

/**
 * An equality: the `Eq` of fp-ts.
 *
 * @category fp-ts
 */
export interface Eq<A> {
  /** Whether two values are the same. */
  readonly equals: (x: A, y: A) => boolean
}

/**
 * A way to print: the `Show` of fp-ts.
 *
 * @category fp-ts
 */
export interface Show<A> {
  /** Prints a value. */
  readonly show: (a: A) => string
}

/**
 * An associative composition with a neutral value: the `Monoid` of fp-ts.
 *
 * @category fp-ts
 */
export interface Monoid<A> {
  /** Composes two values. */
  readonly concat: (x: A, y: A) => A
  /** Changes nothing on either side. */
  readonly empty: A
}

/** What failed. */
export const left = <L>(value: L): Either<L, never> => ({ _tag: 'Left', left: value })

/** What there is. */
export const right = <R>(value: R): Either<never, R> => ({ _tag: 'Right', right: value })
