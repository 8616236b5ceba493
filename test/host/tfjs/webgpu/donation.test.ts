import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { adam, dispose, type Params, sgd, step } from '../../../../src/index.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { column, g0, keeping, p0, resident, swapping, transformations } from '../../../webgpu/donated.js'
import { complaintOf, numbersOf } from '../../../webgpu/read.js'

const bytes = (): number => {
  const { numBytesAllocatedInGPU } = tf.memory() as tf.MemoryInfo & {
    readonly numBytesAllocatedInGPU?: number
  }
  return numBytesAllocatedInGPU ?? Number.NaN
}

describeOnWebgpu('donated on WebGPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = await useWebgpu()
  })

  test('numbers that were read before the step, or are being read, are not taken for those after it', async () => {
    const { numTensors } = tf.memory()
    const inPlace = step(sgd(1), { donate: true })
    let [params, state] = [resident([1, 2]), sgd(1).init(null)]
    const { dataId } = params
    const read: (readonly number[])[] = []
    const pending: Promise<unknown>[] = []
    for (let i = 0; i < 3; i++) {
      read.push([...(await params.data())])
      pending.push(params.data())
      ;[params, state] = inPlace(params, state, resident([1, 1]))
    }
    await Promise.all(pending)
    read.push([...(await params.data())])
    expect(params.dataId).toBe(dataId)
    expect(read).toEqual([
      [1, 2],
      [0, 1],
      [-1, 0],
      [-2, -1],
    ])
    dispose(params, state)
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  test.each(Object.entries(transformations))(
    '%s gives what a borrowing step gives, and needs no new memory in a hundred steps',
    async (_, tx) => {
      const inPlace = step(tx, { donate: true })
      const [p, g] = [
        { w: column(p0), b: resident([1, 2]) },
        { w: column(g0), b: resident([3, 4]) },
      ]
      const [expected, state] = step(tx)(p, tx.init(p), g)
      const [given, next] = inPlace({ w: tf.clone(p.w), b: tf.clone(p.b) }, tx.init(p), {
        w: tf.clone(g.w),
        b: tf.clone(g.b),
      })
      expect(await numbersOf([given, next])).toEqual(await numbersOf([expected, state]))

      let [params, current] = [given, next]
      const gradient = () => ({ w: tf.mul(params.w, 0.5), b: tf.mul(params.b, 0.5) })
      for (let i = 0; i < 3; i++) [params, current] = inPlace(params, current, gradient())
      const { numTensors, numBytes } = tf.memory()
      const allocated = bytes()
      const [, complaint] = await complaintOf(device, () => {
        for (let i = 0; i < 100; i++) [params, current] = inPlace(params, current, gradient())
      })
      expect(complaint).toBeNull()
      expect(tf.memory().numTensors).toBe(numTensors)
      expect(tf.memory().numBytes).toBe(numBytes)
      expect(bytes()).toBe(allocated)
      expect((await numbersOf(params)).flat().every(Number.isFinite)).toBe(true)
      dispose(p, g, expected, state, params, current)
    },
  )

  test('the memory of parameters and slots is taken over, and the handles are consumed', async () => {
    const tx = adam(0.1)
    const p = resident(p0)
    // the start of the slots is constant: their memory is their own after one step
    const [params, state] = step(tx)(p, tx.init(p), p)
    const { numDataBuffers } = tf.memory()
    const [after, next] = step(tx, { donate: true })(params, state, resident(g0))
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers)
    expect(params.isDisposed).toBe(true)
    expect(after.dataId).toBe(params.dataId)
    dispose(p, after, next)
  })

  test('a clone that was made earlier does not change', async () => {
    const tx = sgd(1)
    const p = resident(p0)
    const clone = tf.clone(p)
    const [after] = step(tx, { donate: true })(p, tx.init(p), resident(g0))
    expect(await numbersOf(clone)).toEqual([p0])
    expect(await numbersOf(after)).toEqual([p0.map((x, i) => x - (g0[i] ?? 0))])
    dispose(clone, after)
  })

  test('gradients that are the parameters, and one tensor in two places, are as if they were apart', async () => {
    const tx = sgd(0.5)
    const p = resident(p0)
    const [after, complaint] = await complaintOf(
      device,
      () => step(tx, { donate: true })(p, tx.init(p), p)[0],
    )
    expect(complaint).toBeNull()
    expect(await numbersOf(after)).toEqual([p0.map((x) => x / 2)])

    const twice = resident(p0)
    const [both, second] = await complaintOf(
      device,
      () =>
        step(tx, { donate: true })([twice, twice], tx.init([twice, twice]), [resident(g0), resident(p0)])[0],
    )
    expect(second).toBeNull()
    expect(await numbersOf(both)).toEqual([p0.map((x, i) => x - (g0[i] ?? 0) / 2), p0.map((x) => x / 2)])
    dispose(after, both)
  })

  test('views of one buffer are as if they were apart', async () => {
    const tx = sgd(0.5)
    const p = resident(p0)
    const view = tf.reshape(p, [7, 1])
    const params: Params = { p, view }
    const [after] = step(tx, { donate: true })<Params>(params, tx.init(params), {
      p: resident(g0),
      view: tf.reshape(resident(g0), [7, 1]),
    })
    const expected = p0.map((x, i) => x - (g0[i] ?? 0) / 2)
    expect(await numbersOf(after)).toEqual([expected, expected])
    dispose(after)
  })

  test('what a slot keeps of the parameter is not written over', async () => {
    const tx = keeping
    const p = resident(p0)
    const [after, state] = step(tx, { donate: true })(p, tx.init(p), resident(g0))
    expect(await numbersOf([after, state])).toEqual([p0.map((x, i) => x - (g0[i] ?? 0)), p0])
    dispose(after, state)
  })

  test('slots that change places are read before they are written', async () => {
    const tx = swapping
    const p = resident(p0)
    const first = step(tx)(p, tx.init(p), p)
    const [after, state] = step(tx, { donate: true })(...first, resident(g0))
    expect(await numbersOf(state)).toEqual([p0.map(() => 1000), p0.map(() => 2000)])
    dispose(p, after, state)
  })

  test('tensors on memory of the user are left as they are', async () => {
    const buffer = device.createBuffer({
      size: 28,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
    device.queue.writeBuffer(buffer, 0, Float32Array.from(p0))
    const tensor = () => tf.tensor({ buffer, zeroCopy: true }, [7], 'float32')
    const tx = sgd(1)
    const p = tensor()
    const [after, complaint] = await complaintOf(
      device,
      () => step(tx, { donate: true })(p, tx.init(p), tensor())[0],
    )
    expect(complaint).toBeNull()
    expect(await numbersOf(after)).toEqual([p0.map(() => 0)])
    const again = tensor()
    expect(await numbersOf(again)).toEqual([p0])
    dispose(after, again)
  })
})
