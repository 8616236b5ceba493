import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../backends.js'
import { grounds, journeysOn, uninterrupted } from './resume/walk.js'

const program = fileURLToPath(new URL('./resume/child.ts', import.meta.url))

/** The second process, for all grounds: loading the library takes it longer than a ground does. */
let child: ChildProcess | undefined
let said = ''
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gradpipe-resume-'))
  child = fork(program, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  child.stderr?.on('data', (text) => {
    said += text
  })
})

afterAll(() => {
  child?.kill()
  rmSync(directory, { recursive: true })
})

/** Lets the second process go on where the files of a ground are; fails if it ends before it is done. */
const resumedThere = async (name: string, folder: string): Promise<void> => {
  if (child?.connected !== true) throw new Error(`the second process has ended: ${said}`)
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the second process ended: ${said}`)))
  const done = once(child, 'message')
  child.send({ name, folder })
  await Promise.race([done, ended])
}

describe.each(Object.entries(grounds))('on %s', (name, { kind, backend }) => {
  test('every optimizer of the catalogue goes on in a new process to the same bits', {
    timeout: 300_000,
  }, async () => {
    await useBackend(backend)
    const before = tf.memory().numTensors
    const wrong: Record<string, string> = {}
    const folder = join(directory, name)
    mkdirSync(folder)
    const journeys = journeysOn(kind)
    const ends = journeys.map((journey, i) => {
      try {
        const { half, end } = uninterrupted(journey, kind)
        writeFileSync(join(folder, `${i}.half`), half)
        return end
      } catch (error) {
        wrong[journey.title] = String(error)
        return undefined
      }
    })
    expect(tf.memory().numTensors).toBe(before)
    await resumedThere(name, folder)
    for (const [i, { title }] of journeys.entries()) {
      const [at, error] = [join(folder, `${i}.end`), join(folder, `${i}.error`)]
      if (title in wrong) continue
      if (existsSync(error)) wrong[title] = readFileSync(error, 'utf8')
      else if (!readFileSync(at).equals(ends[i] ?? new Uint8Array(0))) wrong[title] = 'other bits'
    }
    expect(wrong).toEqual({})
  })
})
