/** Transformations and trees to try on WebGPU beside the reference: in Node and in a page. */
import { Block, type Trial } from '../../laws/index.js'
import {
  adafactor,
  adam,
  adamuon,
  adamw,
  adaptiveGradClip,
  centralize,
  chain,
  clipByGlobalNorm,
  constant,
  fromRule,
  type GradientTransformation,
  type LeafSpec,
  lamb,
  masked,
  max,
  multiDot,
  muon,
  norm,
  normuon,
  orthogonalize,
  partition,
  rprop,
  sgd,
  slot,
  sm3,
  sum,
  zeros,
} from '../../src/index.js'
import { differences } from './difference.js'
import { block, bothWays } from './follow.js'
import type { Device } from './read.js'

/** Sizes around those of vectors and workgroups, a scalar, an empty leaf, and one that needs many workgroups. */
const several: Trial = {
  params: {
    one: block(1, () => 0.5),
    scalar: new Block([], Float64Array.of(-1.5)),
    none: block(0, () => 0),
    odd: block(7, (i) => i - 3),
    group: block(256, (i) => Math.sin(i)),
    more: block(257, (i) => Math.cos(i)),
    many: new Block([3, 7001], block(21003, (i) => Math.sin(i * i)).data),
  },
  grads: [0.3, -0.7, 1.9].map((k) => ({
    one: block(1, () => k),
    scalar: new Block([], Float64Array.of(k)),
    none: block(0, () => 0),
    odd: block(7, (i) => k * (i - 2)),
    group: block(256, (i) => Math.cos(k * i)),
    more: block(257, (i) => Math.sin(k * i)),
    many: new Block([3, 7001], block(21003, (i) => Math.cos(k * i) / (1 + (i % 5))).data),
  })),
}

/** Flat leaves alone, for what looks at a leaf's shape: an array has no other. */
export const flat: Trial = {
  params: { odd: block(7, (i) => i - 3), none: block(0, () => 0), some: block(260, (i) => Math.sin(i)) },
  grads: [0.3, -0.7, 1.9].map((k) => ({
    odd: block(7, (i) => k * (i - 2)),
    none: block(0, () => 0),
    some: block(260, (i) => Math.cos(k * i) / (1 + (i % 5))),
  })),
}

const shapes = [[40, 17], [130, 300], [3, 2, 16], [5], [], [1, 9]]

const shaped = (k: number, size: (i: number) => number = () => 1): readonly Block[] =>
  shapes.map((shape, leaf) => {
    const length = shape.reduce((product, n) => product * n, 1)
    return new Block(
      shape,
      Float64Array.from({ length }, (_, i) => Math.fround(Math.sin(k + 13 * leaf + i * i * 0.37) * size(i))),
    )
  })

/** Matrices and stacks of them, beside leaves that are none. */
export const matrices: Trial = { params: shaped(1), grads: [2, 3, 4].map((k) => shaped(k)) }

/** Rows and columns of sizes whose squares are no numbers. */
export const sizes: Trial = {
  params: shaped(1),
  grads: [shaped(2, (i) => [1e30, 1, 1e-30, 0, 3e37][(i * 3 + Math.floor(i / 17)) % 5] ?? 1)],
}

/** A norm of each row, column and matrix. */
export const norms: GradientTransformation = fromRule({
  axes: ({ shape }) => (shape.length < 2 ? null : { rows: -2, columns: -1 }),
  slots: { r: slot('row', 0), c: slot('column', 0), m: slot('matrix', 0) },
  scalars: {},
  step: ({ g }) => ({ update: g, r: norm(g, 'row'), c: norm(g, 'column'), m: norm(g, 'matrix') }),
})

/** Rules of rows and columns. */
export const ofRows: Readonly<Record<string, GradientTransformation>> = {
  'clip by global norm, then adafactor': chain(
    clipByGlobalNorm(0.5),
    adafactor(0.1, { minDimSizeToFactor: 16 }),
  ),
  sm3: sm3(0.1),
  'clip by units, then centralize': chain(adaptiveGradClip(0.1), centralize(), sgd(0.1)),
}

/** The cubic step of Newton and Schulz, by a product, beside the one that orthogonalize makes. */
const cubic: GradientTransformation = fromRule({
  axes: ({ shape }) => (shape.length < 2 ? null : { rows: -2, columns: -1 }),
  slots: {},
  scalars: {},
  step: ({ g, p }) => {
    const x = g.div(norm(g, 'matrix').add(1e-8))
    const once = orthogonalize(g, { coefficients: [[1.5, -0.5, 0]] })
    return {
      update: x
        .mul(1.5)
        .sub(multiDot(x, x, x).mul(0.5))
        .add(once)
        .add(multiDot(p, x, once)),
    }
  },
})

/** Rules of whole matrices, which operations of TensorFlow.js multiply. */
export const ofMatrices: Readonly<Record<string, GradientTransformation>> = {
  'muon, without the norms of rows': muon(0.1, { balancing: 'reduction', weightDecay: 0.1 }),
  'clip by global norm, then normuon': chain(clipByGlobalNorm(0.5), normuon(0.1)),
  'adamuon, by Schatten norms': adamuon(0.1, { preconditioning: 'schatten' }),
  'products, and cubic steps': cubic,
}

/** A rule with a slot of each scope, of which each reads the others. */
const everyScope: GradientTransformation = fromRule({
  slots: { m: zeros, l: slot('leaf', 0.5), r: slot('tree', 2) },
  scalars: ({ t }) => ({ t }),
  step: ({ g, p, m, l, r }, { t }) => {
    const norm = sum(g.square(), 'leaf').sqrt()
    const all = sum(p.mul(norm), 'tree').abs()
    return {
      update: g.mul(l).add(m.div(r)).sub(all.mul(0.001)),
      m: m.mul(0.5).add(g.div(t)),
      l: l.mul(0.9).add(norm),
      r: r.add(max(g, 'tree')).add(all.mul(0.01)),
    }
  },
})

const ofNarrower: GradientTransformation = fromRule({
  slots: { l: slot('leaf', 1), r: slot('tree', 1) },
  scalars: { k: 0.25 },
  step: ({ g, l, r }, { k }) => ({
    update: g.mul(max(constant(3), 'leaf')).add(sum(k, 'tree')),
    // once per element: these count elements
    l: sum(constant(1), 'leaf'),
    r: sum(l, 'tree').add(r.mul(0)),
  }),
})

const byLabel = ({ path }: LeafSpec): 'odd' | 'rest' => (path[0] === 'odd' ? 'odd' : 'rest')

export const transformations: Readonly<Record<string, GradientTransformation>> = {
  adam: adam(0.1),
  rprop: rprop(0.1),
  'clip by global norm, then adamw': chain(clipByGlobalNorm(0.5), adamw(0.1)),
  lamb: lamb(0.1),
  'slots of every scope': everyScope,
  'reductions of what is narrower than an element': ofNarrower,
  masked: masked(adam(0.1), ({ path }) => path[0] !== 'many'),
  partition: partition({ odd: lamb(0.1), rest: chain(clipByGlobalNorm(1), sgd(0.1)) }, byLabel),
}

/** Where the steps of a transformation differ, in words. A reduction in float32 is off by some ulps. */
export const differing = async (
  device: Device,
  tx: GradientTransformation,
  on: Trial = several,
  near = 1e-5,
): Promise<readonly string[]> => {
  const [expected, given] = await bothWays(device, tx, on)
  return differences(expected, given, { ulps: 64, near })
}

/** The same for products of matrices in float32, one after the other. */
export const differingByProducts = (device: Device, tx: GradientTransformation): Promise<readonly string[]> =>
  differing(device, tx, matrices, 2e-4)
