/** What several test files need is made once, whoever asks, and again after a failure. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { once } from './once.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradpipe-once-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Makes a file, and takes its time. */
const slowly = (text: string) => async (staging: string) => {
  await wait(20)
  writeFileSync(join(staging, 'text'), text)
}

const text = (made: string): string => readFileSync(join(made, 'text'), 'utf8')

test('who asks while it is made waits for it, and nothing else is left', async () => {
  const asked = ['first', 'second', 'third'].map((name) => once(folder, 'thing', slowly(name)))
  const found = await Promise.all(asked)
  expect(new Set(found).size).toBe(1)
  expect(['first', 'second', 'third']).toContain(text(found[0] ?? ''))
  expect(text(await once(folder, 'thing', slowly('late')))).toBe(text(found[0] ?? ''))
  expect(readdirSync(folder)).toEqual(['thing'])
})

test('a failure is told to the one who made it, and the next one makes it', async () => {
  await expect(once(folder, 'thing', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(text(await once(folder, 'thing', slowly('again')))).toBe('again')
})

test('a process that ended while it made it is not waited for', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(join(folder, 'thing.making'), String(pid))
  expect(text(await once(folder, 'thing', slowly('mine')))).toBe('mine')
})
