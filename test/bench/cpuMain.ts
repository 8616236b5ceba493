/** The process that measures a layout on the cpu backend. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { runtime } from './cpu.js'
import type { Extent } from './expected.js'
import { cpuPeers } from './peers/all.js'
import { run } from './run.js'
import { answer } from './worker.js'

answer<Extent>(async (extent, report) => {
  await tf.setBackend('cpu')
  return run({ ...extent, runtime, peers: cpuPeers, copy: () => undefined, report })
})
