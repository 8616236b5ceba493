/** The process that measures on WebGPU. Reads a question from its standard input, writes results. */
import { text } from 'node:stream/consumers'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '@tensorflow/tfjs-core'
import { adapterName, useWebgpu } from '../webgpu/device.js'
import { chosen } from './chosen.js'
import { type Layout, parametersOf, webgpuLayouts } from './layouts.js'
import type { Peer, Session } from './peer.js'
import { donated, pure, unfused } from './peers/gradpipe.js'
import { ops } from './peers/ops.js'
import { asOptimizer, train } from './peers/variables.js'
import { run } from './run.js'
import type { Question } from './webgpu.js'

/** A device in software would take minutes for the largest one. */
const layouts = webgpuLayouts.filter(({ name }) => name !== '1e8' || !adapterName?.includes('SwiftShader'))

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

const main = async (): Promise<void> => {
  if (adapterName === null) throw new Error('Dawn finds no adapter')
  // asked by our own process
  const { rules, rounds, pace, only } = JSON.parse(await text(process.stdin)) as Question
  const device = await useWebgpu()
  const results = await run({
    runtime: `node, webgpu (${adapterName})`,
    layouts: chosen(layouts, ({ name }) => name, only),
    rules,
    rounds,
    // to wait for a device takes a while, so there are many steps in a reading
    pace: { ...pace, reading: 20 },
    peers: [donated, pure, unfused, asOptimizer, ops, train].map((peer) => settled(device, peer)),
    copy: openCopy(device),
    say: (line) => console.error(`webgpu: ${line}`),
  })
  process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit())
}

await main()
