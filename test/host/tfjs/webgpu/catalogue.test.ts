import { beforeAll, expect, test } from 'vitest'
import { catalogue } from '../../../../laws/index.js'
import { kernelStatistics } from '../../../../src/index.js'
import { describeOnWebgpu, useWebgpu } from '../../../webgpu/device.js'
import { differing, flat } from '../../../webgpu/trials.js'

describeOnWebgpu('on WebGPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = await useWebgpu()
  })

  test.each(catalogue.map(({ call, make }) => [call, make] as const))(
    '%s agrees with numbers, and needs no other interpreter',
    async (_, make) => {
      const { fallbacks } = kernelStatistics()
      expect(await differing(device, make(), flat)).toEqual([])
      expect(kernelStatistics().fallbacks).toBe(fallbacks)
    },
  )
})
