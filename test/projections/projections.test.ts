/** What holds of the projections for all inputs, at the edges, and in their gradients; what they refuse. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import { dispose, type ErrorTag, type Params, projections } from '../../src/index.js'
import { backends, numbers, tensorsLeft, useBackend } from '../backends.js'
import { thrown } from '../thrown.js'

/** A projection with its arguments, and whether a point is in the set to which it goes. */
interface Projection {
  readonly call: <P extends Params>(x: P, a: P) => Params
  readonly holds: (y: readonly number[], a: readonly number[]) => number
}

const sum = (x: readonly number[]): number => x.reduce((total, a) => total + a, 0)
const dot = (x: readonly number[], y: readonly number[]): number => sum(x.map((a, i) => a * (y[i] ?? 0)))
const l1 = (x: readonly number[]): number => sum(x.map(Math.abs))
const l2 = (x: readonly number[]): number => Math.sqrt(dot(x, x))
const outside = (x: readonly number[], low: number, high: number): number =>
  x.reduce((worst, a) => Math.max(worst, low - a, a - high), 0)

const { projectionBox, projectionHypercube, projectionLinfBall, projectionNonNegative } = projections
const { projectionL1Ball, projectionL1Sphere, projectionSimplex } = projections
const { projectionL2Ball, projectionL2Sphere } = projections
const { projectionHalfspace, projectionHyperplane, projectionVector } = projections

/** `holds` is how far a point is from the set. */
const all: Readonly<Record<string, Projection>> = {
  projectionNonNegative: {
    call: (x) => projectionNonNegative(x),
    holds: (y) => outside(y, 0, Number.POSITIVE_INFINITY),
  },
  projectionBox: { call: (x) => projectionBox(x, -0.5, 0.75), holds: (y) => outside(y, -0.5, 0.75) },
  projectionHypercube: { call: (x) => projectionHypercube(x, 2), holds: (y) => outside(y, 0, 2) },
  projectionLinfBall: { call: (x) => projectionLinfBall(x, 0.5), holds: (y) => outside(y, -0.5, 0.5) },
  projectionSimplex: {
    call: (x) => projectionSimplex(x, 2),
    holds: (y) => Math.max(Math.abs(sum(y) - 2), outside(y, 0, 2)),
  },
  projectionL1Sphere: { call: (x) => projectionL1Sphere(x, 3), holds: (y) => Math.abs(l1(y) - 3) },
  projectionL1Ball: { call: (x) => projectionL1Ball(x, 3), holds: (y) => Math.max(l1(y) - 3, 0) },
  projectionL2Sphere: { call: (x) => projectionL2Sphere(x, 2), holds: (y) => Math.abs(l2(y) - 2) },
  projectionL2Ball: { call: (x) => projectionL2Ball(x, 2), holds: (y) => Math.max(l2(y) - 2, 0) },
  projectionVector: {
    call: (x, a) => projectionVector(x, a),
    holds: (y, a) => l2(y.map((b, i) => b - (dot(y, a) / dot(a, a)) * (a[i] ?? 0))),
  },
  projectionHyperplane: {
    call: (x, a) => projectionHyperplane(x, a, 0.5),
    holds: (y, a) => Math.abs(dot(y, a) - 0.5),
  },
  projectionHalfspace: {
    call: (x, a) => projectionHalfspace(x, a, 0.5),
    holds: (y, a) => Math.max(dot(y, a) - 0.5, 0),
  },
}

const names = Object.keys(all)
const projectionOf = (name: string): Projection => all[name] as Projection // names are its keys

test('every projection is tried', () => {
  expect(Object.keys(projections).sort()).toEqual([...names].sort())
})

/** Numbers whose squares float32 holds. */
const element = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x)),
  fc.constantFrom(0, -0, 1, -1),
)
const vector = fc.array(element, { minLength: 5, maxLength: 5 })
/** Normals that are not nearly zero. */
const normal = fc
  .array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 })
  .filter((a) => l1(a) > 0)
const given = fc.tuple(vector, vector, normal)

type Five = { readonly w: Float64Array; readonly b: readonly [number, { readonly c: number }] }
const treeOf = (x: readonly number[]): Five => ({
  w: Float64Array.from(x.slice(0, 3)),
  b: [x[3] ?? 0, { c: x[4] ?? 0 }],
})
// the elements of a tree made by treeOf
const elements = (tree: Params): readonly number[] => {
  const { w, b } = tree as Five
  return [...w, b[0], b[1].c]
}

describe.each(names)('%s', (name) => {
  const { call, holds } = projectionOf(name)
  const project = (x: readonly number[], a: readonly number[]): readonly number[] =>
    elements(call(treeOf(x), treeOf(a)))

  test('ends in its set', () => {
    fc.assert(fc.property(given, ([x, , a]) => holds(project(x, a), a) < 1e-12))
  })

  test('leaves what is in its set where it is', () => {
    fc.assert(
      fc.property(given, ([x, , a]) => {
        const once = project(x, a)
        return project(once, a).every((y, i) => Math.abs(y - (once[i] ?? Number.NaN)) < 1e-12)
      }),
    )
  })

  test('is nowhere farther from a point than another point of its set', () => {
    fc.assert(
      fc.property(given, ([x, z, a]) => {
        const [near, other] = [project(x, a), project(z, a)]
        const distance = (y: readonly number[]): number => l2(y.map((b, i) => b - (x[i] ?? 0)))
        return distance(near) <= distance(other) + 1e-9
      }),
    )
  })

  test('of numbers is that of tensors on every backend, which it leaves alone', async () => {
    for (const backend of backends) {
      await useBackend(backend)
      fc.assert(
        fc.property(given, ([x, , a]) =>
          tidily(() => {
            const tensors = (v: readonly number[]): Params => ({
              w: tf.tensor2d(v.slice(0, 3), [1, 3]),
              b: [tf.scalar(v[3] ?? 0), { c: tf.tensor1d(v.slice(4)) }],
            })
            const [p, q] = [tensors(x), tensors(a)]
            const before = tf.memory().numTensors
            const result = call(p, q) as { w: tf.Tensor; b: [tf.Tensor, { c: tf.Tensor }] }
            const made = tf.memory().numTensors - before
            const found = [result.w, result.b[0], result.b[1].c].flatMap(numbers)
            const expected = project(x.map(Math.fround), a)
            return made === 3 && expected.every((y, i) => Math.abs(y - (found[i] ?? Number.NaN)) < 1e-5)
          }),
        ),
        { numRuns: 25 },
      )
    }
  })

  test('keeps the kind of the leaves, and null', () => {
    const leaf = Float32Array.of(1, 2)
    const result = call({ x: leaf, none: null }, { x: leaf, none: null }) as { x: unknown; none: unknown }
    expect(result.x).toBeInstanceOf(Float32Array)
    expect(result.x).not.toBe(leaf)
    expect(result.none).toBeNull()
    expect(typeof call(3, 1)).toBe('number')
  })
})

describe.each(backends)('on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  test.each(names)('%s has the gradient that differences of its values have', (name) => {
    const { call } = projectionOf(name)
    tidily(() => {
      const [w, a] = [tf.tensor1d([0.3, -1.1, 0.7]), tf.tensor1d([1, -0.5, 2])]
      const points = [
        [0.9, -0.8, 0.4],
        [2.5, -1.5, -0.25],
      ]
      for (const x of points) {
        // a tensor for a tensor
        const loss = (z: tf.Tensor): tf.Tensor => tf.sum(tf.mul(call(z, a) as tf.Tensor, w))
        const value = (i: number, step: number): number =>
          numbers(loss(tf.tensor1d(x.map((b, k) => (k === i ? b + step : b)))))[0] ?? Number.NaN
        const slopes = x.map((_, i) => (value(i, 2 ** -6) - value(i, -(2 ** -6))) * 2 ** 5)
        const found = numbers(tf.grad(loss)(tf.tensor1d(x)))
        for (const [i, slope] of slopes.entries()) expect(found[i]).toBeCloseTo(slope, 2)
      }
    })
  })
})

describe('at the edges', () => {
  test('a tree of zeros goes to the points of the spheres with equal elements', () => {
    expect(projectionL2Sphere([0, 0, 0, 0], 2)).toEqual([1, 1, 1, 1])
    expect(projectionL1Sphere([0, 0], 1)).toEqual([0.5, 0.5])
  })

  test('a zero takes its part of the sum of sizes', () => {
    expect(projectionL1Sphere([3, 0], 5)).toEqual([4, 1])
  })

  test('a normal of zeros changes nothing, and has no multiple but zero', () => {
    expect(projectionVector([1, 2], [0, 0])).toEqual([0, 0])
    expect(projectionHyperplane([1, 2], [0, 0], 1)).toEqual([1, 2])
    expect(projectionHalfspace([1, 2], [0, 0], -1)).toEqual([1, 2])
  })

  test('a radius of zero leaves nothing', () => {
    for (const project of [projectionSimplex, projectionL1Ball, projectionL1Sphere, projectionL2Ball])
      expect(project([3, -0.5, 0], 0).map(Math.abs)).toEqual([0, 0, 0])
    tidily(() => {
      expect(numbers(projectionSimplex(tf.tensor1d([3, -1]), 0)).map(Math.abs)).toEqual([0, 0])
    })
  })

  test('equal elements, and one far above the others, are projected exactly', () => {
    expect(projectionSimplex([7, 7, 7, 7])).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(projectionSimplex([1e8, 0, 1e8])).toEqual([0.5, 0, 0.5])
    tidily(() => {
      expect(numbers(projectionSimplex(tf.tensor1d([1e8, 0, 1e8])))).toEqual([0.5, 0, 0.5])
    })
  })

  test('a box may have a tree for either bound, or both', async () => {
    await useBackend('cpu')
    expect(projectionBox([5, -5], [0, 1], [2, 9])).toEqual([2, 1])
    expect(projectionBox([5, -5], [0, 1], 3)).toEqual([3, 1])
    expect(projectionBox([5, -5], -1, [2, 9])).toEqual([2, -1])
    expect(projectionHypercube([5, -5], [1, 2])).toEqual([1, 0])
    const [x, low, high] = [tf.tensor1d([5, -5]), tf.tensor1d([0, 1]), tf.tensor1d([2, 9])]
    const left = tensorsLeft(() => {
      const y = projectionBox(x, low, high)
      expect(numbers(y)).toEqual([2, 1])
      y.dispose()
    })
    expect(left).toBe(0)
    dispose(x, low, high)
  })
})

type Refusal = readonly [path: string, tag: ErrorTag, call: () => unknown]
const array = Float64Array.of(1, 2)
const refusals: readonly Refusal[] = [
  ['projectionBox.upper', 'InvalidArgument', () => projectionBox([1], 2, 1)],
  ['projectionBox.tree.a', 'TreeMismatch', () => projectionBox({ a: 1 }, { b: 1 }, 1)],
  ['projectionBox.tree.a', 'ShapeMismatch', () => projectionBox({ a: array }, 0, { a: Float64Array.of(1) })],
  ['projectionHypercube.scale', 'InvalidArgument', () => projectionHypercube([1], -1)],
  ['projectionLinfBall.scale', 'InvalidArgument', () => projectionLinfBall([1], -1)],
  ['projectionNonNegative.tree.a', 'InvalidLeaf', () => projectionNonNegative({ a: 'x' as never })],
  ['projectionSimplex.scale', 'InvalidArgument', () => projectionSimplex([1], -1)],
  ['projectionSimplex.tree', 'InvalidArgument', () => projectionSimplex([])],
  ['projectionSimplex.tree', 'DtypeMismatch', () => projectionSimplex([1, tf.scalar(1)])],
  ['projectionSimplex.tree.0', 'DtypeMismatch', () => projectionSimplex([tf.scalar(1, 'int32')])],
  ['projectionL1Sphere.tree.0', 'InvalidLeaf', () => projectionL1Sphere(['x' as never])],
  ['projectionL1Ball.scale', 'InvalidArgument', () => projectionL1Ball([1], Number.NaN)],
  ['projectionL2Sphere.scale', 'InvalidArgument', () => projectionL2Sphere([1], -1)],
  ['projectionL2Ball.scale', 'InvalidArgument', () => projectionL2Ball([1], -1)],
  ['projectionVector.tree.a', 'TreeMismatch', () => projectionVector({ a: 1 }, { b: 1 })],
  ['projectionHyperplane.b', 'InvalidArgument', () => projectionHyperplane([1], [1], Number.NaN)],
  [
    'projectionHyperplane.tree.0',
    'ShapeMismatch',
    () => projectionHyperplane([array], [Float64Array.of(1)], 1),
  ],
  ['projectionHalfspace.b', 'InvalidArgument', () => projectionHalfspace([1], [1], Number.NaN)],
]

test.each(refusals)('%s: a %s is refused, and leaves nothing behind', (path, tag, call) => {
  const left = tensorsLeft(() =>
    tf.tidy(() => {
      const error = thrown(call)
      expect([error.path, error._tag]).toEqual([path, tag])
    }),
  )
  expect(left).toBe(0)
})

test('every projection refuses something', () => {
  const refused = new Set(refusals.map(([path]) => path.split('.')[0]))
  expect(names.filter((name) => !refused.has(name))).toEqual([])
})
