import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, expect, test } from 'vitest'
import { decode, encode, encodeAsync } from '../../src/checkpoint/index.js'
import { adam, dispose, step } from '../../src/index.js'
import { describeOnWebgpu, useWebgpu } from '../webgpu/device.js'

describeOnWebgpu('on WebGPU', () => {
  beforeAll(async () => {
    await useWebgpu()
  })

  test('encodeAsync reads a state from the device as it is at the call, and a run goes on from it to the same bits', async () => {
    const before = tf.memory().numTensors
    const tx = adam(0.1)
    const inPlace = step(tx, { donate: true })
    const grads = (): { readonly w: tf.Tensor } => ({ w: tf.tensor1d([0.5, -0.25, 3]) })
    const first = (): { readonly w: tf.Tensor } => ({ w: tf.tensor1d([1, 2, 3]) })
    const begin = first()
    const like = {
      params: begin,
      state: tx.init(begin),
      flags: tf.tensor1d([true, false], 'bool'),
      n: tf.scalar(-7, 'int32'),
    }

    let params = first()
    let state = tx.init(params)
    ;[params, state] = inPlace(params, state, grads())
    const saving = encodeAsync({ params, state, flags: like.flags, n: like.n })
    // the next step, in the same memory, is on its way before the bytes are there
    ;[params, state] = inPlace(params, state, grads())
    const bytes = await saving

    const saved = decode(bytes, like)
    if (E.isLeft(saved)) throw new Error(saved.left.message)
    const [again, reached] = inPlace(saved.right.params, saved.right.state, grads())
    expect(await encodeAsync([again, reached])).toEqual(await encodeAsync([params, state]))
    expect([...(await saved.right.flags.data()), ...(await saved.right.n.data())]).toEqual([1, 0, -7])
    expect(await encodeAsync(like.flags)).toEqual(encode(like.flags))
    dispose(like, params, state, again, reached, saved.right.flags, saved.right.n)
    expect(tf.memory().numTensors).toBe(before)
  })
})
