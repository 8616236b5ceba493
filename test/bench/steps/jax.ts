/**
 * jax-js on its WASM backend: loss, gradients and Adam of a whole step, jitted together. The numbers to start from are
 * those of the same network on TensorFlow.js. Arrays are consumed by what uses them; `ref` keeps one for another use.
 */
import { type Array as Arr, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { tree } from 'gradpipe'
import { initialTransformer, tokensFor } from '../../../docs/examples/muon/transformer.js'
import { denseNetwork } from '../../tfjs/networks/layers.js'
import { adam, biasOf, startJax } from '../peers/jax.js'
import type { Training, TransformerTask } from './session.js'

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

interface Tensor {
  readonly shape: readonly number[]
  readonly dataSync: () => ArrayLike<number>
  readonly dispose: () => void
}

/** The numbers of tensors, which are freed. */
const taken = (tensors: readonly Tensor[]): readonly Shaped[] =>
  tensors.map((t) => {
    const shaped = { shape: [...t.shape], values: Float32Array.from(t.dataSync()) }
    t.dispose()
    return shaped
  })

/** The mean over the rows of what the true class lacks in probability, in logarithms. */
const crossEntropy = (scores: Arr, labels: Arr, rows: number): Arr =>
  nn
    .logSoftmax(scores, -1)
    .mul(labels)
    .sum()
    .mul(-1 / rows)

/** The dense network. */
export const denseOnJax = async (batch: number, units: number): Promise<Training> => {
  const { make, data } = denseNetwork({ units })
  const model = make()
  const { x, y } = data(batch)
  // clones, as weights are the model's
  const params = taken(model.getWeights().map((weight) => weight.clone()))
  model.dispose()
  return train(params, taken([x, y]), (p, batched) => {
    const layer = (a: Arr, i: number): Arr => np.matmul(a, of(p, 2 * i)).add(of(p, 2 * i + 1))
    const scores = layer(nn.relu(layer(nn.relu(layer(of(batched, 0), 0)), 1)), 2)
    return crossEntropy(scores, of(batched, 1), batch)
  })
}

/** Ones among zeros, of words. */
const oneHot = ({ values }: Shaped, vocabulary: number): Shaped => {
  const ones = new Float32Array(values.length * vocabulary)
  values.forEach((word, i) => {
    ones[i * vocabulary + word] = 1
  })
  return { shape: [values.length, vocabulary], values: ones }
}

/** Nothing may look ahead: −1e9 for what comes later. */
const causal = (length: number): Shaped => {
  const values = new Float32Array(length * length)
  for (let i = 0; i < length; i++) values.fill(-1e9, i * length + i + 1, (i + 1) * length)
  return { shape: [length, length], values }
}

/** The transformer. */
export const transformerOnJax = ({ batch, ...sizes }: TransformerTask): Promise<Training> => {
  const { width, heads, sequence, vocabulary } = sizes
  const rows = batch * sequence
  const leaves = tree
    .leaves(initialTransformer(sizes))
    .map(([path, tensor]) => ({ path: path.join('.'), tensor }))
  const paths = leaves.map(({ path }) => path)
  const { words, next } = tokensFor(sizes, batch)
  const given = taken([words, next]).map((t) => oneHot(t, vocabulary))
  const parts = (x: Arr, shape: number[]): Arr => np.transpose(x.reshape(shape), [0, 2, 1, 3])
  return train(taken(leaves.map(({ tensor }) => tensor)), [...given, causal(sequence)], (params, batched) => {
    const [read, targets, mask] = [of(batched, 0), of(batched, 1), of(batched, 2)]
    const at = (path: string): Arr => of(params, paths.indexOf(path))
    const norm = (x: Arr, path: string): Arr =>
      nn
        .standardize(x, -1)
        .mul(at(`${path}.scale`))
        .add(at(`${path}.offset`))
    const vectors = at('words')
    let x = np
      .matmul(read, vectors.ref)
      .reshape([batch, sequence, width])
      .add(at('places'))
      .reshape([rows, width])
    for (let i = 0; i < sizes.layers; i++) {
      const [attention, mlp] = [`blocks.${i}.attention`, `blocks.${i}.mlp`]
      const [q, k, v] = np
        .split(np.matmul(norm(x.ref, attention), at(`${attention}.qkv`)), 3, -1)
        .map((each) => parts(each, [batch, sequence, heads, width / heads]))
      if (q === undefined || k === undefined || v === undefined) throw new Error('three parts')
      // its `dotProductAttention` needs the iterators' methods of Node 22
      const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul((width / heads) ** -0.5)
      const mixed = np.matmul(nn.softmax(scores.add(mask.ref)), v)
      const found = np.transpose(mixed, [0, 2, 1, 3]).reshape([rows, width])
      x = x.add(np.matmul(found, at(`${attention}.out`)))
      const inner = nn.relu(np.matmul(norm(x.ref, mlp), at(`${mlp}.up`)).add(at(`${mlp}.bias`)))
      x = x.add(np.matmul(inner, at(`${mlp}.down`)))
    }
    mask.dispose()
    return crossEntropy(np.matmul(norm(x, 'last'), np.transpose(vectors)), targets, rows)
  })
}
