/** The process that measures a layout on WASM. */
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
import type { Extent } from './expected.js'
import { tfjsPeers } from './peers/all.js'
import { openCopy } from './peers/copy.js'
import { jax } from './peers/jax.js'
import { run } from './run.js'
import { runtime } from './wasm.js'
import { answer } from './worker.js'

answer<Extent>(async (extent, report) => {
  await tf.setBackend('wasm')
  return run({ ...extent, runtime, peers: [...tfjsPeers, await jax()], copy: openCopy, report })
})
