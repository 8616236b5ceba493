/** What keeps second moments of rows, columns and blocks, by loops over indices and over all steps so far. */
import { Block } from '../block.js'
import type { LeafPoint } from '../leafForm.js'
import { grouped, meanOf, normOf } from './axes.js'
import { corrected, square } from './forms.js'
import { type Muon, muonForm } from './orthogonal.js'

const steps = (t: number): readonly number[] => Array.from({ length: t }, (_, i) => i + 1)

/** An average of leaves, from zero on. */
const averageOf = (decay: number, blocks: readonly Block[]): Block | undefined =>
  blocks.reduce<Block | undefined>(
    (mean, block) => block.map((x, i) => decay * (mean?.data[i] ?? 0) + (1 - decay) * x),
    undefined,
  )

// NorMuon, AdaMuon

export interface MatrixRms {
  readonly b2?: number
  readonly eps?: number
  readonly per?: 'output' | 'element'
  readonly consistentRms?: number
}

/** The last of some updates of a matrix, over the root of their mean square, as long as it was or as told. */
const overRms = (
  updates: readonly Block[],
  { b2 = 0.95, eps = 1e-8, per = 'output', consistentRms }: MatrixRms,
): Float64Array => {
  const [last] = updates.slice(-1)
  if (last === undefined) return Float64Array.of()
  const squares = updates.map((update) => {
    const all = update.map((x) => x * x)
    return per === 'element' ? all : all.map((_, i) => grouped(all, (axis) => axis === 1, meanOf)(i))
  })
  const nu = averageOf(b2, squares)
  const x = last.data.map((value, i) => value / (Math.sqrt(nu?.data[i] ?? 0) + eps))
  const length = consistentRms === undefined ? normOf([...last.data]) : consistentRms * Math.sqrt(x.length)
  const by = length / (normOf([...x]) + eps)
  return x.map((value) => value * by)
}

/** Of a matrix; other leaves stay. */
export const matrixRmsForm =
  (options: MatrixRms) =>
  ({ g, t, f }: LeafPoint): Float64Array =>
    g.shape.length === 2
      ? overRms(
          steps(t).map((s) => g.map((x) => x * f(s))),
          options,
        )
      : g.data.map((x) => x * f(t))

/** The same of the orthogonal momentum of a matrix. */
export const orthogonalRmsForm =
  (muon: Muon, options: MatrixRms) =>
  (at: LeafPoint): Float64Array =>
    overRms(
      steps(at.t).map((t) => new Block(at.g.shape, Float64Array.from(muonForm(muon)({ ...at, t })))),
      options,
    )

// CAME

export interface Came {
  readonly b1?: number
  readonly b2?: number
  readonly b3?: number
  readonly eps1?: number
  readonly eps2?: number
  readonly clippingThreshold?: number
}

/** The means of the rows and of the columns of an average of matrices, and what they make of it. */
const factored = (of: Block) => {
  const [row, column] = [of.shape.length - 2, of.shape.length - 1]
  const rows = grouped(of, (axis) => axis !== column, meanOf)
  const columns = grouped(of, (axis) => axis !== row, meanOf)
  const whole = grouped(of, (axis) => axis !== row && axis !== column, meanOf)
  return { rows, columns, at: (at: number): number => (rows(at) * columns(at)) / whole(at) }
}

/** What CAME has after some gradients of one leaf. */
export interface CameAfter {
  readonly update: Float64Array
  /** The averages of the squared gradient and of the instability, of a leaf that has matrices. */
  readonly averages: { readonly v: Block; readonly s: Block } | null
}

export const cameAfter =
  ({ b1 = 0.9, b2 = 0.999, b3 = 0.9999, eps1 = 1e-30, eps2 = 1e-16, clippingThreshold = 1 }: Came) =>
  (gradients: readonly Block[]): CameAfter => {
    const squares = gradients.map((g) => g.map((x) => x ** 2 + eps1))
    const all = gradients.map((g, s) => {
      const v = averageOf(b2, squares.slice(0, s + 1)) ?? g
      const own = g.shape.length > 1 ? factored(v).at : (i: number) => v.data[i] ?? Number.NaN
      const x = g.map((value, i) => value / Math.sqrt(own(i)))
      const root = normOf([...x.data]) / Math.sqrt(x.data.length)
      return { v, x: x.map((value) => value / Math.max(1, root / clippingThreshold)) }
    })
    const scaled = all.map(({ x }) => x)
    const means = scaled.map((x, s) => averageOf(b1, scaled.slice(0, s + 1)) ?? x)
    const [mean, last] = [means.at(-1), all.at(-1)]
    if (mean === undefined || last === undefined) return { update: Float64Array.of(), averages: null }
    const instability = averageOf(
      b3,
      scaled.map((x, s) => x.map((value, i) => (value - (means[s]?.data[i] ?? 0)) ** 2 + eps2)),
    )
    if (mean.shape.length < 2 || instability === undefined) return { update: mean.data, averages: null }
    const { at } = factored(instability)
    return {
      update: mean.data.map((value, i) => value / Math.sqrt(at(i))),
      averages: { v: last.v, s: instability },
    }
  }

export const cameForm =
  (options: Came) =>
  ({ g, t, f }: LeafPoint): Float64Array =>
    cameAfter(options)(steps(t).map((s) => g.map((x) => x * f(s)))).update

// Adam-mini

export interface AdamMini {
  readonly b1?: number
  readonly b2?: number
  readonly eps?: number
}

/** Adam with the mean square of a block, which axes tell from others. */
export const adamMiniForm =
  ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }: AdamMini, blocks: (shape: readonly number[]) => readonly number[]) =>
  ({ g, t, f }: LeafPoint): Float64Array => {
    const axes = blocks(g.shape)
    const of = grouped(
      g.map((x) => x * x),
      (axis) => axes.includes(axis),
      meanOf,
    )
    const [first, second] = [corrected(b1, t, f), corrected(b2, t, square(f))]
    return g.data.map((x, i) => (x * first) / (Math.sqrt(of(i) * second) + eps))
  }
