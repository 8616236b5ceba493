/** The process that trains in Node. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import type { Result } from '../result.js'
import { answer } from '../worker.js'
import { contenders } from './contenders.js'
import * as convolution from './convolution.js'
import { run } from './run.js'
import type { Question } from './steps.js'
import { workloads } from './workloads.js'

// the cpu backend would recommend another one
tf.env().set('PROD', true)

answer<Question>(async ({ full, ...plan }, report) => {
  const results: Result[] = []
  for (const workload of workloads)
    results.push(...(await run(workload.name, contenders(workload, full), plan, report)))
  await tf.setBackend('wasm')
  results.push(...(await convolution.run(plan, report)))
  return results
})
