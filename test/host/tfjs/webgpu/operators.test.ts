import { beforeAll, expect, test } from 'vitest'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { binaries, chosenOtherwise, compares, differing, unaries } from '../../../webgpu/operators.js'

describeOnWebgpu('on WebGPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = await useWebgpu()
  })

  test.each(unaries)(
    '%s of every special value is that of numbers, and of others within %i ulps',
    async (op, ulps) => {
      expect(await differing(device, [op, 'g'], ulps)).toEqual([])
    },
  )

  test.each(binaries)(
    '%s of every two special values is that of numbers, and of others within %i ulps',
    async (op, ulps) => {
      expect(await differing(device, [op, 'g', 'p'], ulps)).toEqual([])
    },
  )

  test.each(compares)('select by %s chooses as numbers do, subnormal ones too', async (op) => {
    expect(await chosenOtherwise(device, op)).toEqual([])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])(
    'the constant %f reaches a kernel',
    async (x) => {
      expect(await differing(device, ['add', 'g', x], 0)).toEqual([])
      expect(await differing(device, ['max', 'g', x], 0)).toEqual([])
    },
  )
})
