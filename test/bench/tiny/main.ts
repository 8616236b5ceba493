/** The process that trains one tiny model with one optimizer. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { median } from '../measure.js'
import type { Result } from '../result.js'
import { answer } from '../worker.js'
import { optimizerOf, type Program, programs } from './programs.js'
import { type Question, runtimeOf, steps } from './tiny.js'

/** The milliseconds that the optimizer takes of each step. */
const times = (program: Program, optimizer: tf.Optimizer): readonly number[] => {
  const { loss, close } = program.open()
  const all = Array.from({ length: steps.all }, () => {
    const { value, grads } = optimizer.computeGradients(loss)
    const start = performance.now()
    optimizer.applyGradients(grads)
    const ms = performance.now() - start
    tf.dispose([value, grads])
    return ms
  })
  close()
  return all
}

answer<Question>(async ({ backend, program: name, optimizer }) => {
  await tf.setBackend(backend)
  const program = programs.find((each) => each.name === name)
  if (program === undefined) throw new Error(`no program ${name}`)
  const all = times(program, optimizerOf(optimizer, program))
  const first = all.slice(0, steps.first)
  const result = (layout: string, ms: number, readings: number): Result => ({
    runtime: runtimeOf(backend),
    peer: optimizer,
    rule: program.rule,
    layout,
    ms,
    least: ms,
    readings,
  })
  return [
    // what is compiled counts here
    result(`${name}, first ${steps.first}`, first.reduce((a, b) => a + b, 0) / first.length, first.length),
    result(name, median(all.slice(-steps.all / 2)), steps.all / 2),
  ]
})
