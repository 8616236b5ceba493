/** What runs in a page of Chromium: trainings on webgl or webgpu. */
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-webgpu'
import type { Page } from '../../browser/open.js'
import type { StepPace } from './run.js'
import type { Library, Training } from './session.js'
import { type Readings, turn } from './turn.js'
import { type Backend, workloadOf } from './workloads.js'

/** A page with these functions. */
export type Opened = Page<{
  open: typeof open
  take: typeof take
  close: typeof close
  start: typeof start
}>

const trainings = new Map<Library, Training>()

const of = (library: Library): Training => {
  const training = trainings.get(library)
  if (training === undefined) throw new Error(`${library} trains nothing`)
  return training
}

/** Starts the backend. */
export const start = async (backend: Backend): Promise<void> => {
  if (!(await tf.setBackend(backend))) throw new Error(`no ${backend}`)
}

/** Opens a training of a workload. */
export const open = async (workload: string, library: Library): Promise<void> => {
  trainings.set(library, workloadOf(workload).open(library))
}

/** Takes a turn. */
export const take = async (library: Library, pace: StepPace['pace']): Promise<Readings> => {
  const { steps, losses } = await turn(of(library), pace)
  // a device is given work and does it later: what the optimizer takes of it shows in the step alone
  return { steps, losses, optimizer: [] }
}

/** Closes the training. */
export const close = async (library: Library): Promise<void> => {
  of(library).close()
  trainings.delete(library)
}
