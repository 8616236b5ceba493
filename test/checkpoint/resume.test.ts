/** Checkpoints are taken up in a second process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../backends.js'
import type { Asked, Ends } from './resume/child.js'
import { grounds, journeysOn, uninterrupted } from './resume/walk.js'

const program = fileURLToPath(new URL('./resume/child.ts', import.meta.url))

/** The second process, for all grounds: loading the library takes it longer than a ground does. */
let child: ChildProcess | undefined
let said = ''

beforeAll(() => {
  child = fork(program, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced', // which bytes go through as they are
  })
  child.stderr?.on('data', (text) => {
    said += text
  })
})

afterAll(() => void child?.kill())

/** Where the second process comes to from the checkpoints of a ground; fails if it ends before it is done. */
const resumedThere = async (asked: Asked): Promise<Ends> => {
  if (child?.connected !== true) throw new Error(`the second process has ended: ${said}`)
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the second process ended: ${said}`)))
  // what the child sends is of the type that it says
  const done = once(child, 'message').then(([ends]) => ends as Ends)
  child.send(asked)
  return Promise.race([done, ended])
}

describe.each(Object.entries(grounds))('on %s', (name, ground) => {
  const { kind, backend } = ground
  test('every optimizer of the catalogue goes on in a new process to the same bits', {
    timeout: 300_000,
  }, async () => {
    await useBackend(backend)
    const before = tf.memory().numTensors
    const wrong: Record<string, string> = {}
    const journeys = journeysOn(ground)
    const walks = journeys.map((journey) => {
      try {
        return uninterrupted(journey, kind)
      } catch (error) {
        wrong[journey.title] = String(error)
        return undefined
      }
    })
    expect(tf.memory().numTensors).toBe(before)
    const ends = await resumedThere({ name, halves: walks.map((walk) => walk?.half) })
    expect(ends.length).toBe(journeys.length)
    for (const [i, { title }] of journeys.entries()) {
      const [walk, end] = [walks[i], ends[i]]
      if (walk === undefined) continue
      if (!(end instanceof Uint8Array)) wrong[title] = end ?? 'no end'
      else if (Buffer.compare(end, walk.end) !== 0) wrong[title] = 'other bits'
    }
    expect(wrong).toEqual({})
  })
})
