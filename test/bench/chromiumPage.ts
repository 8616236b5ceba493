/** What runs in a page of Chromium: steps on the WASM backend, in its shared memory, with so many threads. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { kernelStatistics } from 'gradpipe'
import { setThreadsCount } from 'gradpipe/tfjs'
import { layouts } from './layouts.js'
import { type Pace, turn } from './measure.js'
import { type Problem, problem, type Session } from './peer.js'
import { donated } from './peers/gradpipe.js'

const sessionOf = (name: string): Session => {
  const layout = layouts.find((l) => l.name === name)
  const given: Problem | undefined = layout && problem('adam', layout)
  const session = given && donated.open(given)
  if (!session) throw new Error(`no layout ${name}`)
  return session
}

/** Starts the backend and the threads; gives how many pieces of some steps the workers have done. */
export const start = async (threads: number): Promise<number> => {
  setWasmPaths('/wasm/')
  await tf.setBackend('wasm')
  setThreadsCount(threads)
  const session = sessionOf('1e6')
  const before = kernelStatistics().workerPieces
  // workers start at the first large step, when the page has nothing else to do
  for (let i = 0; i < 20; i++) {
    session.prepare(1)
    session.step()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  session.close()
  return kernelStatistics().workerPieces - before
}

/** One turn: milliseconds of a step of Adam on a layout. */
export const adam = async (name: string, pace: Pace): Promise<readonly number[]> => {
  const session = sessionOf(name)
  try {
    return await turn(session, pace)
  } finally {
    session.close()
  }
}
