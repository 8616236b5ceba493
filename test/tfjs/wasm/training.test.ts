/** Kernels stand in the place of TensorFlow.js's own while gradpipe differentiates, and not a moment longer. */
import * as tf from '@tensorflow/tfjs'
import { adam, dispose } from 'gradpipe'
import * as objax from 'gradpipe/objax'
import {
  grad,
  modelToTree,
  onReplacement,
  type Replacement,
  toOptimizer,
  trainStep,
  valueAndGrad,
} from 'gradpipe/tfjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useBackend } from '../../backends.js'

type Kernels = ReadonlyMap<string, tf.KernelConfig>

const kernels = (): Kernels =>
  new Map(tf.getKernelsForBackend('wasm').map((config) => [config.kernelName, config]))

const same = (a: Kernels, b: Kernels): boolean =>
  a.size === b.size && [...a].every(([name, config]) => b.get(name) === config)

let before: Kernels

beforeEach(async () => {
  await useBackend('wasm')
  before = kernels()
})

afterEach(() => {
  expect(same(kernels(), before)).toBe(true)
})

/** What is replaced in a call. */
const replacedIn = (call: () => void): readonly Replacement[] => {
  const found: Replacement[] = []
  const end = onReplacement((each) => found.push(each))
  try {
    call()
  } finally {
    end()
  }
  return found
}

const names = (call: () => void): ReadonlySet<string> => new Set(replacedIn(call).map(({ kernel }) => kernel))

/** A convolution, a pooling and a product. */
const loss = (w: tf.Tensor4D): tf.Tensor => {
  const y = tf.maxPool(tf.conv2d(tf.ones([1, 6, 6, 2]) as tf.Tensor4D, w, 1, 'same'), 2, 2, 'valid') // of rank 4
  return tf.sum(tf.square(tf.matMul(tf.reshape(y, [9, 3]), tf.ones([3, 2]))))
}

const filter = (): tf.Tensor4D => tf.fill([3, 3, 2, 3], 0.1)

const expected = new Set(['Conv2D', 'MaxPoolGrad', 'BatchMatMul', 'Conv2DBackpropFilter'])

describe('kernels', () => {
  it('are the same ones before, after, and where something throws', () => {
    const w = filter()
    const during: Kernels[] = []
    const g = grad((w: tf.Tensor4D) => {
      during.push(kernels())
      return loss(w)
    })(w)
    expect(during.some((each) => same(each, before))).toBe(false)
    expect(same(kernels(), before)).toBe(true)
    expect(() =>
      grad((_: tf.Tensor4D): tf.Tensor => {
        throw new Error('stop')
      })(w),
    ).toThrow('stop')
    expect(same(kernels(), before)).toBe(true)
    // a loss that is no scalar
    expect(() => grad((w: tf.Tensor4D) => w)(w)).toThrow()
    expect(same(kernels(), before)).toBe(true)
    tf.dispose([w, g])
  })

  it('are the same ones while an asynchronous loss waits, which is refused', () => {
    const w = filter()
    expect(() =>
      grad((async (_: tf.Tensor4D) => tf.scalar(1)) as unknown as (w: tf.Tensor4D) => tf.Tensor)(w),
    ).toThrow()
    expect(same(kernels(), before)).toBe(true)
    w.dispose()
  })

  it('stay where gradients are computed within gradients', () => {
    const w = filter()
    const inner: boolean[] = []
    const g = grad((w: tf.Tensor4D) => {
      const own = grad((v: tf.Tensor4D) => tf.sum(tf.square(v)))(w)
      inner.push(same(kernels(), before))
      return tf.sum(own)
    })(w)
    expect(inner).toEqual([false])
    tf.dispose([w, g])
  })

  it('of other backends are never replaced', async () => {
    await useBackend('cpu')
    const w = filter()
    expect(
      replacedIn(() => {
        grad((w: tf.Tensor4D) => {
          expect(same(kernels(), before)).toBe(true)
          return tf.sum(tf.square(w))
        })(w).dispose()
      }),
    ).toEqual([])
    w.dispose()
  })

  it('that somebody else registers meanwhile stay', () => {
    const w = tf.ones([1])
    const config: tf.KernelConfig = {
      kernelName: 'SomethingOfTheirs',
      backendName: 'wasm',
      kernelFunc: () => tf.scalar(1),
    }
    const g = grad((w: tf.Tensor) => {
      tf.registerKernel(config)
      return tf.sum(w)
    })(w)
    expect(tf.getKernel('SomethingOfTheirs', 'wasm')).toBe(config)
    tf.unregisterKernel('SomethingOfTheirs', 'wasm')
    tf.dispose([w, g])
  })
})

describe('what is replaced is told', () => {
  it('with the reason, and to nobody who has ended it', () => {
    const w = filter()
    const found = replacedIn(() => grad(loss)(w).dispose())
    expect(new Set(found.map(({ kernel }) => kernel))).toEqual(expected)
    expect(found.find(({ kernel }) => kernel === 'Conv2DBackpropFilter')?.reason).toBe('missing')
    expect(found.find(({ kernel }) => kernel === 'MaxPoolGrad')?.reason).toBe('wrong')
    expect(found.find(({ kernel }) => kernel === 'BatchMatMul')?.reason).toBe('slow')
    const count = found.length
    grad(loss)(w).dispose()
    expect(found.length).toBe(count)
    // a program that does not differentiate by gradpipe gets none
    expect(replacedIn(() => tf.tidy(() => loss(w)))).toEqual([])
    w.dispose()
  })

  it('in every way to a gradient', () => {
    const initial = filter()
    const w = tf.variable(initial)
    const optimizer = toOptimizer(adam(0.1))
    expect(names(() => optimizer.minimize(() => loss(w) as tf.Scalar))).toEqual(expected) // a scalar
    expect(
      names(() => {
        const { value, grads } = optimizer.computeGradients(() => loss(w) as tf.Scalar) // a scalar
        tf.dispose([value, grads])
      }),
    ).toEqual(expected)
    expect(
      names(() => {
        const { value, grads } = valueAndGrad(loss)(initial)
        tf.dispose([value, grads])
      }),
    ).toEqual(expected)
    const v = new objax.TrainVar(tf.clone(initial))
    const ofObjax = new objax.GradValues(() => loss(v.value as tf.Tensor4D), { v }) // of rank 4
    expect(
      names(() => {
        tf.dispose(ofObjax())
      }),
    ).toEqual(expected)
    optimizer.dispose()
    v.value.dispose()
    tf.dispose([initial, w])
  })

  it('in fit and in trainStep', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3, activation: 'relu' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1 }),
      ],
    })
    const optimizer = toOptimizer(adam(0.01))
    model.compile({ optimizer, loss: 'meanSquaredError' })
    const [x, y] = [tf.ones([4, 6, 6, 1]), tf.ones([4, 1])]
    const found = new Set<string>()
    const end = onReplacement(({ kernel }) => found.add(kernel))
    await model.fit(x, y, { epochs: 1, verbose: 0 })
    end()
    expect(found).toContain('Conv2DBackpropFilter')
    expect(same(kernels(), before)).toBe(true)
    const { trainable, nonTrainable } = modelToTree(model)
    const tx = adam(0.01)
    const stepped = names(() => {
      const after = trainStep(model, tx)({ trainable, nonTrainable }, tx.init(trainable), x, y)
      dispose(...after)
    })
    expect(stepped).toContain('Conv2DBackpropFilter')
    dispose(trainable, nonTrainable)
    optimizer.dispose()
    model.dispose()
    tf.dispose([x, y])
  })
})

describe('second derivatives', () => {
  it('of products are those of cpu', async () => {
    const of = (): readonly number[] =>
      tf.tidy(() => {
        const a = tf.tensor2d([
          [0.5, -1, 2],
          [1, 0.25, -0.5],
        ])
        const inner = (x: tf.Tensor2D): tf.Tensor => tf.sum(tf.tanh(tf.matMul(x, tf.transpose(x))))
        const slope = (x: tf.Tensor2D): tf.Tensor => tf.sum(tf.square(grad(inner)(x)))
        return [...grad(slope)(a).dataSync()]
      })
    const ours = of()
    await useBackend('cpu')
    const theirs = of()
    // tanh differs by a few units in the last place; numbers are below 10
    ours.forEach((each, i) => {
      expect(Math.abs(each - (theirs[i] ?? Number.NaN))).toBeLessThan(1e-5)
    })
  })
})
