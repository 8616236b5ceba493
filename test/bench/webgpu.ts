/** Rows of WebGPU, from a process of its own: a driver in software is found by the environment at its start. */
import { driverEnvironment } from '../webgpu/swiftshader.js'
import { type Extent, expected } from './expected.js'
import { optional, type Part } from './part.js'
import { tfjsPeers } from './peers/all.js'
import { inProcess } from './worker.js'

/** Rows on WebGPU; none, and the reason is said, where there is no adapter. The process is told the extent. */
export const webgpu = (extent: Extent): Part =>
  optional({
    name: 'WebGPU',
    ms: expected(extent, tfjsPeers.length),
    run: (report) =>
      inProcess(new URL('./webgpuMain.ts', import.meta.url), extent, report, driverEnvironment()),
  })
