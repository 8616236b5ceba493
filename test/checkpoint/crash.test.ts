/**
 * Processes that are killed while they save: for two seconds, or as many as `CHECKPOINT_CRASH` says.
 *
 *     CHECKPOINT_CRASH=600 npx vitest run test/checkpoint/crash.test.ts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load } from '../../src/checkpoint/index.js'
import { stateOf } from './crash/states.js'

const seconds = Number(process.env.CHECKPOINT_CRASH ?? 2)

const folder = mkdtempSync(join(tmpdir(), 'gradpipe-crash-'))
const program = join(folder, 'child.mjs')
const saves = join(folder, 'saves')
const path = join(saves, 'state.safetensors')

beforeAll(async () => {
  mkdirSync(saves)
  await build({
    entryPoints: [fileURLToPath(new URL('./crash/child.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // tfjs-core has `require` in it, for Node
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    logLevel: 'silent',
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lets a process save for some time, and kills it. */
const killed = async (milliseconds: number): Promise<void> => {
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (text) => {
    complaints += text
  })
  const exit = once(child, 'exit')
  const saving = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)])
  if (saving === undefined) throw new Error(`the process ended by itself: ${complaints}`)
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  child.kill('SIGKILL')
  await exit
}

test('kill -9 at any moment leaves one of the two states, whole', {
  timeout: 60_000 + 2000 * seconds,
}, async () => {
  const expected = [stateOf(0), stateOf(1)]
  const found = [0, 0]
  const end = Date.now() + 1000 * seconds
  let kills = 0
  // what was killed in the middle of a file has left a part of one, beside the whole one
  const partly = (): number => readdirSync(saves).length - 1
  // however slow the machine is, one of the kills must have come in the middle of a file
  while (kills < 5 || partly() === 0 || Date.now() < end) {
    await killed(Math.random() * 40)
    kills++
    const loaded = await load(path, stateOf(0))()
    if (E.isLeft(loaded)) throw new Error(`after ${kills} kills: ${loaded.left.message}`)
    const { which } = loaded.right
    expect(loaded.right, `after ${kills} kills`).toEqual(expected[which])
    found[which] = (found[which] ?? 0) + 1
  }
  if (process.env.CHECKPOINT_CRASH)
    console.log(
      `${kills} kills, ${partly()} of them in the middle of a file; states found: ${found.join(' and ')}`,
    )
})
