/** How far tensors of WebGPU may be from the numbers of the reference, and where they are not as near. */
import { ulpDistance } from '../../laws/index.js'

/** Below this a number may be taken for zero. */
const NORMAL = 2 ** -126

const flushed = (x: number): number => (Math.abs(x) < NORMAL ? x * 0 : x)

/** A number as it is written, with the sign of zero. */
export const shown = (x: number | undefined): string => (Object.is(x, -0) ? '-0' : String(x))

/** The number itself, and zero of its sign where it is subnormal. */
export const orZero = (x: number): readonly number[] =>
  Object.is(flushed(x), x) || Number.isNaN(x) ? [x] : [x, flushed(x)]

/**
 * Whether a number is one of those expected: NaN for NaN, the same infinity, the same zero; else at most some ulps
 * away.
 */
export const isOneOf = (expected: readonly number[], given: number, ulps: number): boolean =>
  expected.some((x) =>
    x === 0 || !Number.isFinite(x) || !Number.isFinite(given)
      ? Object.is(x, given)
      : ulpDistance('float32')(x, given) <= ulps,
  )

const none: readonly string[] = []

/** Where two lists of leaves differ by more than so many ulps and so much, absolutely. */
export const differences = (
  expected: readonly (readonly number[])[],
  given: readonly (readonly number[])[],
  { ulps, near = 0 }: { readonly ulps: number; readonly near?: number },
): readonly string[] =>
  expected.length !== given.length
    ? [`${expected.length} leaves, given ${given.length}`]
    : expected.flatMap((leaf, i) =>
        leaf.length !== given[i]?.length
          ? [`leaf ${i}: ${leaf.length} elements, given ${given[i]?.length}`]
          : leaf.flatMap((x, j) => {
              const y = given[i]?.[j] ?? Number.NaN
              // most are near, which is soon seen: leaves have thousands of elements
              return Object.is(x, y) || Math.abs(x - y) <= near || isOneOf(orZero(x), y, ulps)
                ? none
                : [`leaf ${i}, element ${j}: ${shown(x)}, given ${shown(y)}`]
            }),
      )
