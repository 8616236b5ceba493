/** Steps on TensorFlow.js's WebGL backend, on the WebGL of a browser: one page for all of them. */
import { describe, expect, it } from 'vitest'
import { isLong, isThorough, runsOf } from '../laws/runs.js'
import type * as Entry from './entry/webgl.js'
import { pageOf } from './page.js'

/** Nothing differs, everything is fused, nothing is left. */
const fine = (tried: number) => ({ tried, found: {}, fallbacks: [], tensors: 0 })

/** A device in software compiles a shader in some hundredths of a second, and its cores may be busy. */
const timeout = 120_000

describe('on WebGL in a page of Chromium', { timeout }, () => {
  const page = pageOf<typeof Entry>(new URL('./entry/webgl.ts', import.meta.url), { webgl: true })

  it('every operator is that of numbers, special values too', async () => {
    expect(await page.call('operations')).toEqual(fine(24))
  })

  it.each([true, false])(
    'steps agree with numbers, all of them fused, in textures that are packed: %s',
    async (packed) => {
      expect(await page.call('steps', packed)).toEqual(fine(16))
    },
  )

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('the catalogue agrees with numbers: part %i of 8', async (part) => {
    // the same rows run on WebGPU, each in a test of its own; without `CI` every third of them here
    const { tried, ...rest } = await page.call('ofCatalogue', part, isThorough ? 8 : 24)
    expect(rest).toEqual({ found: {}, fallbacks: [], tensors: 0 })
    expect(tried).toBeGreaterThan(isThorough ? 40 : 13)
  })

  it('reductions see special values as numbers do, wherever they are', async () => {
    expect(await page.call('special')).toEqual(fine(24))
  })

  it.each([1, 2, 3, 4])(
    'random rules are exact, with reductions and slots of every scope: %i',
    async (seed) => {
      const start = isLong ? Math.floor(Math.random() * 2 ** 31) : seed
      expect(await page.call('random', runsOf(12), start)).toEqual(fine(3))
    },
  )

  it.each([
    ['optax_transforms', 0],
    ['optax_transforms', 1],
    ['optax_transforms', 2],
    ['optax_optimizers', 0],
    ['optax_optimizers', 1],
    ['optax_optimizers', 2],
    ['optax_optimizers', 3],
    ['optax_optimizers', 4],
    ['optax_wrappers', 0],
  ])('the first steps of %s are those of Optax: part %i', async (file, part) => {
    const parts = { optax_transforms: 3, optax_optimizers: 5 }[file] ?? 1
    const { tried, ...rest } = await page.call('goldens', file, part, parts, isThorough)
    expect(rest).toEqual({ found: {}, fallbacks: [], tensors: 0 })
    expect(tried).toBeGreaterThan(isThorough ? 50 : 10)
  })

  it.each([true, false])(
    'inputs of every layout are read as they lie, beside textures that are packed: %s',
    async (packed) => {
      expect(await page.call('layoutsOf', packed, isThorough)).toEqual(fine(isThorough ? 96 : 48))
    },
  )

  it('donated steps give what borrowing ones give, and need no new memory in a hundred steps', async () => {
    const grown = await page.call('donated')
    const nothing = { tensors: 0, bytes: 0, bytesOnDevice: 0, textures: 0 }
    expect(grown).toEqual(grown.map(({ name }) => ({ name, ...nothing, differs: false, finite: true })))
    expect(grown.length).toBe(5)
  })

  it('numbers that were read before a step, or are being read, are not taken for those after it', async () => {
    expect(await page.call('readAround')).toEqual({
      read: [
        [1, 2],
        [0, 1],
        [-1, 0],
        [-2, -1],
      ],
      pending: [
        [1, 2],
        [0, 1],
        [0, 1],
        [-1, 0],
        [-1, 0],
        [-2, -1],
      ],
      tensors: 0,
    })
  })

  it('what others hold is not written over, and one tensor in two places is as if it were two', async () => {
    const p = [1, -2, 3, -4, 5, -6, 7]
    const stepped = [0.75, -2.5, 3.75, -5, 3.75, -4.5, 6.875]
    expect(await page.call('shared')).toEqual({
      'a clone': [p, stepped],
      'gradients that are the parameters': [p.map((x) => x / 2)],
      'one tensor in two places': [stepped, p.map((x) => x / 2)],
      'views of one texture': [stepped, stepped],
      'a slot that keeps the parameter': [[0.5, -3, 4.5, -6, 2.5, -3, 6.75], p],
      'slots that change places': [p.map(() => 1000), p.map(() => 2000)],
      'a window of a parameter': [
        [-4, 5, -6, 7, 1, -2, 3],
        [...stepped, ...stepped],
      ],
      'a parameter that is a window': [[-5.5, 7, -8.5, 10, -2.5, -2.5, 4]],
    })
  })

  it('a step is a draw per leaf and scope; reductions are one more per leaf and what they leave, and one for all', async () => {
    expect(await page.call('draws')).toEqual({
      adam: [10, 1],
      'clipped adamw': [10 + 1 + 10, 3],
      lamb: [10 + 1 + 10, 3],
      // rows, columns and the parameter; the matrix, and columns once more; the clip; and what is written of elements,
      // rows and columns
      adafactor: [10 * (3 + 2 + 1 + 3) + 3, 12],
      // the greatest of rows and of columns are written as they are
      sm3: [10 * (2 + 3) + 1, 6],
    })
  })

  it('a schedule, a learning rate and other shapes compile nothing', async () => {
    expect(await page.call('compiled')).toBe(0)
  })

  it.each([
    [4, 16, [3, 13, 11]],
    [2, 16, [6, 22, 14]],
    [4, 5, [3, 16, 11]],
  ])('with %i attachments and %i textures a draw takes part of the outputs', async (most, units, draws) => {
    expect(await page.call('limited', most, units)).toEqual({ found: [], draws, reasons: [] })
  })

  it('what reads more textures than a draw has is computed by operations, and said', async () => {
    const { found, reasons } = await page.call('limited', 4, 3)
    expect(found).toEqual([])
    expect(reasons).toEqual(['webgl: a term reads more tensors than the 3 textures that a draw reads'])
  })

  it('reductions go through any number of elements and leaves', async () => {
    const sizes = [1_000_000, 3, 70_000]
    const squares = sizes.map((n, i) => n * (i + 1) ** 2)
    const { tree, leaves } = await page.call('reduced', sizes)
    expect(tree.slice(0, 2)).toEqual([1_000_000 + 6 + 210_000, 3])
    expect(leaves.slice(0, 2)).toEqual([
      [1_000_000, 6, 210_000],
      [1, 2, 3],
    ])
    const norms = [...(leaves[2] ?? []).map((x) => x ** 2), tree[2] ?? Number.NaN]
    for (const [i, expected] of [...squares, 1_630_012].entries())
      expect((norms[i] ?? Number.NaN) / expected).toBeCloseTo(1, 6)
    const many = await page.call(
      'reduced',
      Array.from({ length: 300 }, () => 40),
    )
    expect(many.tree.slice(0, 2)).toEqual([(40 * 300 * 301) / 2, 300])
  })

  it('norms are right for every length that float32 has', async () => {
    const exponents = [-124, -110, -90, -64, -50, -40, -30, -21, 0, 21, 40, 50, 63, 64, 90, 110, 124]
    expect(await page.call('norms', exponents)).toEqual([])
  })

  it('without float32, WebGL 2 or a context, steps are computed by operations, which is said', async () => {
    const zeros = [0, 0, 0]
    expect(await page.call('refused')).toEqual({
      'half precision': {
        reasons: ['webgl: the device, or a flag, has textures of half precision alone'],
        numbers: zeros,
      },
      'WebGL 1': {
        reasons: ['webgl: the context is of WebGL 1, which has no attachments beside each other'],
        numbers: zeros,
      },
      'none of these': { reasons: [], numbers: zeros },
    })
    expect(await page.call('different')).toEqual({
      reasons: ['webgl: the WebGL backend of TensorFlow.js does not look as expected'],
      numbers: zeros,
    })
    expect(await page.call('lost')).toEqual(['webgl: the context was lost'])
  })

  it('while TensorFlow.js records, a step is differentiated', async () => {
    expect(await page.call('recorded')).toEqual([0.5, 0, -0.5])
  })

  it('compile and fit train as with tf.train.adam, in a draw per weight, in textures that are there', async () => {
    const { apart, losses, ...rest } = await page.call('trained')
    // eight weights, of which the start of the moments is drawn as well, in four epochs of three batches
    expect(rest).toEqual({ reasons: [], launches: 8 + 4 * 3 * 8, tensors: 0, textures: 0 })
    expect(apart).toBeLessThan(1e-5)
    expect(losses[0]?.at(-1)).toBeLessThan(losses[0]?.[0] ?? 0)
  })
})
