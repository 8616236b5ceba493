/** What optimizers with axes do to one leaf, by loops over indices. */
import type { Block } from '../block.js'
import type { LeafPoint } from '../leafForm.js'

/** The index of element `at` along every axis. */
const indicesOf = (shape: readonly number[], at: number): readonly number[] =>
  shape.map((n, axis) => {
    const below = shape.slice(axis + 1).reduce((all, length) => all * length, 1)
    return Math.floor(at / below) % n
  })

/** Groups elements by their indices along the kept axes, and reduces every group. */
export const grouped = (
  { shape, data }: Block,
  kept: (axis: number) => boolean,
  combine: (group: readonly number[]) => number,
): ((at: number) => number) => {
  const keyOf = (at: number): string =>
    indicesOf(shape, at)
      .filter((_, axis) => kept(axis))
      .join()
  const groups = new Map<string, number[]>()
  for (const [at, x] of data.entries()) groups.set(keyOf(at), [...(groups.get(keyOf(at)) ?? []), x])
  const made = new Map([...groups].map(([key, group]) => [key, combine(group)]))
  return (at) => made.get(keyOf(at)) ?? Number.NaN
}

export const meanOf = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length
const maxOf = (xs: readonly number[]): number => xs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
export const normOf = (xs: readonly number[]): number => Math.hypot(...xs)

// Adafactor

export interface Factored {
  readonly decayRate?: number
  readonly epsilon?: number
  readonly stepOffset?: number
  /** The least length of the second longest axis; infinity for no factoring. */
  readonly minimum?: number
}

/** The average of the squared signal, with the decay 1 − t⁻ᶜ. */
const poweredAverage = (
  { decayRate = 0.8, stepOffset = 0 }: Factored,
  { t, f }: Pick<LeafPoint, 't' | 'f'>,
): { readonly signal: number; readonly constant: number } => {
  let [signal, constant] = [0, 0]
  for (let s = 1; s <= t; s++) {
    const decay = 1 - Math.max(1, s - stepOffset) ** -decayRate
    signal = decay * signal + (1 - decay) * f(s) ** 2
    constant = decay * constant + 1 - decay
  }
  return { signal, constant }
}

export const factoredForm =
  (options: Factored) =>
  ({ g, t, f }: LeafPoint): Float64Array => {
    const { epsilon = 1e-30, minimum = 128 } = options
    const { signal, constant } = poweredAverage(options, { t, f })
    const v = g.map((x) => signal * x * x + epsilon * constant)
    const order = g.shape.map((n, axis) => ({ n, axis })).sort((a, b) => a.n - b.n || a.axis - b.axis)
    const [second, largest] = order.slice(-2)
    if (second === undefined || largest === undefined || second.n < minimum)
      return g.data.map((x, i) => (x * f(t)) / Math.sqrt(v.data[i] ?? Number.NaN))
    const rows = grouped(v, (axis) => axis !== largest.axis, meanOf)
    const columns = grouped(v, (axis) => axis !== second.axis, meanOf)
    const whole = grouped(v, (axis) => axis !== largest.axis && axis !== second.axis, meanOf)
    return g.data.map((x, i) => (x * f(t)) / Math.sqrt((rows(i) * columns(i)) / whole(i)))
  }

// SM3

export interface Cover {
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
}

export const coverForm =
  ({ b1 = 0.9, b2 = 1, eps = 1e-8 }: Cover) =>
  ({ g, t, f }: LeafPoint): Float64Array => {
    const gain = b2 === 1 ? 1 : 1 - b2
    let bounds: readonly ((at: number) => number)[] = [() => 0]
    let momentum = g.data.map(() => 0)
    for (let s = 1; s <= t; s++) {
      const before = bounds
      const sums = g.map((x, i) => gain * (x * f(s)) ** 2 + b2 * Math.min(...before.map((bound) => bound(i))))
      momentum = momentum.map((m, i) => {
        const [sum, now] = [sums.data[i] ?? 0, (g.data[i] ?? 0) * f(s)]
        return b1 * m + (1 - b1) * (sum > 0 ? now / Math.sqrt(sum + eps) : 0)
      })
      bounds =
        g.shape.length < 2
          ? [(i) => sums.data[i] ?? 0]
          : g.shape.map((_, kept) => grouped(sums, (axis) => axis === kept, maxOf))
    }
    return momentum
  }

// means

/** Without the means of all that has one index along the first axis, where there are several axes. */
export const centralForm = ({ g, t, f }: LeafPoint): Float64Array => {
  const means = grouped(g, (axis) => axis === 0, meanOf)
  return g.data.map((x, i) => f(t) * (g.shape.length > 1 ? x - means(i) : x))
}

// units

/** Updates clipped to a share of the parameter's norm over the given axes, by default over all. */
export const unitForm =
  (clipping: number, eps: number, unit: (shape: readonly number[]) => readonly number[] | null) =>
  ({ g, p, t, f }: LeafPoint): Float64Array => {
    const axes = unit(g.shape)
    const kept = (axis: number): boolean => axes !== null && !axes.includes(axis)
    const [lengths, bounds] = [grouped(g, kept, normOf), grouped(p, kept, normOf)]
    return g.data.map((x, i) => {
      const [length, bound] = [lengths(i) * Math.abs(f(t)), clipping * Math.max(bounds(i), eps)]
      return x * f(t) * (length < bound ? 1 : bound / Math.max(length, 1e-6))
    })
  }
