/** The process that measures on WebGPU. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import { adapterName, useWebgpu } from '../webgpu/device.js'
import type { Extent } from './expected.js'
import { type Layout, parametersOf } from './layouts.js'
import type { Peer, Session } from './peer.js'
import { tfjsPeers } from './peers/all.js'
import { run } from './run.js'
import { answer } from './worker.js'

/** Waits until the device has done what it was given, commands that tfjs collects among them. */
const settle = (device: GPUDevice) => async (): Promise<unknown> => {
  // the active backend is the one that `useWebgpu` has registered
  const backend = tf.backend() as WebGPUBackend
  backend.ensureCommandEncoderReady()
  backend.endComputePassEncoder()
  backend.submitQueue()
  return device.queue.onSubmittedWorkDone()
}

const settled = (device: GPUDevice, peer: Peer): Peer => ({
  ...peer,
  open: (problem) => {
    const session = peer.open(problem)
    return session && { ...session, settle: settle(device) }
  },
})

/** Copies as many floats as the layout holds from buffer to buffer. */
const openCopy =
  (device: GPUDevice) =>
  (layout: Layout): Session => {
    const size = 4 * parametersOf(layout)
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    const [from, to] = [device.createBuffer({ size, usage }), device.createBuffer({ size, usage })]
    return {
      prepare: () => {},
      step: () => {
        const encoder = device.createCommandEncoder()
        encoder.copyBufferToBuffer(from, 0, to, 0, size)
        device.queue.submit([encoder.finish()])
      },
      settle: () => device.queue.onSubmittedWorkDone(),
      params: async () => [],
      close: () => {
        from.destroy()
        to.destroy()
      },
    }
  }

/** A device in software would take minutes for the largest one. */
const bearable = ({ name }: Layout): boolean => name !== '1e8' || !adapterName?.includes('SwiftShader')

answer<Extent>(async (extent, report) => {
  if (adapterName === null) throw new Error('Dawn finds no adapter')
  const device = await useWebgpu()
  return run({
    ...extent,
    layouts: extent.layouts.filter(bearable),
    runtime: `node, webgpu (${adapterName})`,
    // to wait for a device takes a while, so there are many steps in a reading
    pace: { ...extent.pace, reading: 20 },
    peers: tfjsPeers.map((peer) => settled(device, peer)),
    copy: openCopy(device),
    report,
  })
})
