/**
 * jax-js on its WASM backend: loss, gradients and Adam of a whole step, jitted together. The numbers to start from are
 * those of the same network on TensorFlow.js. Arrays are consumed by what uses them; `ref` keeps one for another use.
 */
import { type Array as Arr, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { adam, biasOf, startJax } from '../peers/jax.js'
import { dense } from './models.js'
import type { Training } from './session.js'
import { causal, parameters, sizes, words } from './transformer.js'

type Loss = (params: Arr[], batch: Arr[]) => Arr

/** Numbers with the shape that they are to have. */
interface Shaped {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const arrayOf = ({ shape, values }: Shaped): Arr => np.array(new Float32Array(values), { shape: [...shape] })

/** The one that must be there. */
const of = <A>(all: readonly A[], i: number): A => {
  const a = all[i]
  if (a === undefined) throw new Error(`no array ${i}`)
  return a
}

/** Trains from these parameters on a batch. */
const train = async (params: readonly Shaped[], batch: readonly Shaped[], loss: Loss): Promise<Training> => {
  await startJax()
  const step = jit((leaves: Arr[][], data: Arr[], c1: Arr, c2: Arr): [Arr, Arr[][]] => {
    const [value, grads] = valueAndGrad(loss)(
      leaves.map((leaf) => of(leaf, 0).ref),
      data,
    )
    const next = leaves.map((leaf, i) => [...adam(of(grads, i), leaf, { c1, c2 })])
    c1.dispose()
    c2.dispose()
    return [value, next]
  })
  const data = batch.map(arrayOf)
  let leaves = params.map((p) => [arrayOf(p), np.zeros([...p.shape]), np.zeros([...p.shape])])
  let t = 0
  return {
    step: async () => {
      t++
      const { c1, c2 } = biasOf(t)
      const [value, next] = step(
        leaves,
        data.map((a) => a.ref),
        c1,
        c2,
      )
      leaves = next
      // all outputs wait for the same kernels
      const [number = Number.NaN] = await value.data()
      return Number(number)
    },
    optimizer: () => null,
    close: () => {
      for (const a of [...leaves.flat(), ...data]) a.dispose()
    },
  }
}

/** Ones among zeros, of numbers. */
const oneHot = (numbers: Int32Array, classes: number): Shaped => {
  const values = new Float32Array(numbers.length * classes)
  numbers.forEach((number, i) => {
    values[i * classes + number] = 1
  })
  return { shape: [numbers.length, classes], values }
}

/** The mean over the rows of what the true class lacks in probability, in logarithms. */
const crossEntropy = (scores: Arr, labels: Arr, rows: number): Arr =>
  nn
    .logSoftmax(scores, -1)
    .mul(labels)
    .sum()
    .mul(-1 / rows)

/** The dense network. */
export const denseOnJax = async (batch: number, units: number): Promise<Training> => {
  const { make, data } = dense(batch, units)
  const shaped = (t: { shape: readonly number[]; dataSync: () => ArrayLike<number> }): Shaped => ({
    shape: [...t.shape],
    values: Float32Array.from(t.dataSync()),
  })
  const model = make()
  const { x, y } = data()
  const [params, given] = [model.getWeights().map(shaped), [x, y].map(shaped)]
  model.dispose()
  x.dispose()
  y.dispose()
  return train(params, given, (p, [x, y]) => {
    if (x === undefined || y === undefined) throw new Error('a batch is two arrays')
    const layer = (a: Arr, i: number): Arr => np.matmul(a, of(p, 2 * i)).add(of(p, 2 * i + 1))
    return crossEntropy(layer(nn.relu(layer(nn.relu(layer(x, 0)), 1)), 2), y, batch)
  })
}

/** The transformer. */
export const transformerOnJax = (): Promise<Training> => {
  const { batch, length, width, heads, layers, vocabulary } = sizes
  const { before, next } = words()
  const rows = batch * length
  return train(
    parameters,
    [oneHot(before, vocabulary), oneHot(next, vocabulary), { shape: [length, length], values: causal() }],
    (params, [before, next, mask]) => {
      if (before === undefined || next === undefined || mask === undefined)
        throw new Error('a batch is three arrays')
      const named = new Map(parameters.map(({ name }, i) => [name, of(params, i)]))
      const at = (name: string): Arr => {
        const array = named.get(name)
        if (array === undefined) throw new Error(`no ${name}`)
        return array
      }
      const norm = (x: Arr, scale: string, shift: string): Arr =>
        nn.standardize(x, -1).mul(at(scale)).add(at(shift))
      let h = np.matmul(before, at('embed')).reshape([batch, length, width]).add(at('position'))
      for (let i = 0; i < layers; i++) {
        const own = (name: string): string => `${i}.${name}`
        const first = norm(h.ref, own('scale1'), own('shift1')).reshape([rows, width])
        const [q, k, v] = np
          .split(np.matmul(first, at(own('attend'))), 3, 1)
          .map((a) => np.transpose(a.reshape([batch, length, heads, width / heads]), [0, 2, 1, 3]))
        if (q === undefined || k === undefined || v === undefined) throw new Error('three parts')
        // its `dotProductAttention` needs the iterators' methods of Node 22
        const attended = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(width / heads))
        const mixed = np
          .transpose(np.matmul(nn.softmax(attended.add(mask.ref)), v), [0, 2, 1, 3])
          .reshape([rows, width])
        h = h.add(np.matmul(mixed, at(own('project'))).reshape([batch, length, width]))
        const second = norm(h.ref, own('scale2'), own('shift2')).reshape([rows, width])
        const inner = nn.relu(np.matmul(second, at(own('up'))).add(at(own('upBias'))))
        const outer = np.matmul(inner, at(own('down'))).add(at(own('downBias')))
        h = h.add(outer.reshape([batch, length, width]))
      }
      const scores = np.matmul(norm(h, 'scale', 'shift').reshape([rows, width]), at('head'))
      mask.dispose()
      return crossEntropy(scores, next, rows)
    },
  )
}
