import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useBackend } from '../backends.js'
import { grounds, journeysOn, uninterrupted } from './resume/walk.js'

const child = fileURLToPath(new URL('./resume/child.ts', import.meta.url))

describe.each(Object.entries(grounds))('on %s', (name, { kind, backend }) => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gradpipe-resume-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  test('every optimizer of the catalogue goes on in a new process to the same bits', {
    timeout: 300_000,
  }, async () => {
    await useBackend(backend)
    const before = tf.memory().numTensors
    const wrong: Record<string, string> = {}
    const journeys = journeysOn(kind)
    const ends = journeys.map((journey, i) => {
      try {
        const { half, end } = uninterrupted(journey, kind)
        writeFileSync(join(directory, `${i}.half`), half)
        return end
      } catch (error) {
        wrong[journey.title] = String(error)
        return undefined
      }
    })
    expect(tf.memory().numTensors).toBe(before)
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child, name, directory], {
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    for (const [i, { title }] of journeys.entries()) {
      const [at, error] = [join(directory, `${i}.end`), join(directory, `${i}.error`)]
      if (title in wrong) continue
      if (existsSync(error)) wrong[title] = readFileSync(error, 'utf8')
      else if (!readFileSync(at).equals(ends[i] ?? new Uint8Array(0))) wrong[title] = 'other bits'
    }
    expect(wrong).toEqual({})
  })
})
