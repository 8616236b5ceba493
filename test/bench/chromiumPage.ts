/** What runs in a page of Chromium: steps on the WASM backend with so many threads. */
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { layouts } from './layouts.js'
import { type Pace, turn } from './measure.js'
import { problem } from './peer.js'
import { donated } from './peers/gradpipe.js'

/** Starts the backend; gives the number of its threads. */
export const start = async (threads: number): Promise<number> => {
  setWasmPaths('/wasm/')
  setThreadsCount(threads)
  await tf.setBackend('wasm')
  return getThreadsCount()
}

/** One turn: milliseconds of a step of Adam on a layout. */
export const adam = async (name: string, pace: Pace): Promise<readonly number[]> => {
  const layout = layouts.find((l) => l.name === name)
  const session = layout && donated.open(problem('adam', layout))
  if (!session) throw new Error(`no layout ${name}`)
  try {
    return await turn(session, pace)
  } finally {
    session.close()
  }
}
