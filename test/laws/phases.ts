/** Rules that reduce, in one pass, what is made of rows that the same pass has reduced before. */
import {
  fromRule,
  type GradientTransformation,
  max,
  norm,
  type Params,
  select,
  slot,
  sum,
  type Term,
} from '../../src/index.js'

type Phases = GradientTransformation<Readonly<Record<'c' | 'r' | 'l' | 'n', Params>>>

// rows, then columns and rows that want these, and a leaf that wants the latter
const inPhases = (first: (g: Term<'element'>) => Term<'row'>): Phases =>
  fromRule({
    axes: ({ shape }) => (shape.length === 2 ? { rows: 0, columns: 1 } : null),
    slots: { c: slot('column', 0), r: slot('row', 0), l: slot('leaf', 0), n: slot('column', 0) },
    scalars: { half: 0.5 },
    step: ({ g, ...old }, { half }) => {
      const own = first(g)
      const r = sum(g.mul(own), 'row')
      const both = own.add(select(r.gt(0), r, old.r)).mul(half)
      return {
        update: g.add(r),
        ...{ r, c: sum(g.mul(own), 'column') },
        ...{ l: sum(g.mul(both), 'leaf'), n: norm(g.mul(own), 'column') },
      }
    },
  })

/** By what rows are reduced to first. */
export const phases: Readonly<Record<'sums' | 'maxima' | 'norms', Phases>> = {
  sums: inPhases((g) => sum(g, 'row')),
  maxima: inPhases((g) => max(g, 'row')),
  norms: inPhases((g) => norm(g, 'row')),
}

/** More rows than are done at once. */
export const shape: readonly [number, number] = [300, 520]

/** Small whole numbers; of every third row times one. */
export const elements = (seed: number, one: number): Float64Array =>
  Float64Array.from(
    { length: shape[0] * shape[1] },
    (_, i) => (((i * 10 + seed * (i % 17)) % 11) - 5) * (Math.floor(i / shape[1]) % 3 === 0 ? one : 1),
  )
