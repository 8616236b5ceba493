import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encode, load, type Place, save } from '../../src/checkpoint/index.js'
import { numbers, useBackend } from '../backends.js'

const state = { step: 3, w: Float32Array.of(1, 2) }

let folder = ''
let path = ''
beforeEach(async () => {
  await useBackend('cpu')
  folder = mkdtempSync(join(tmpdir(), 'gradpipe-files-'))
  path = join(folder, 'run.safetensors')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The tag of what went wrong. */
const failure = async (
  task: () => Promise<E.Either<{ readonly _tag: string }, unknown>>,
): Promise<string> => {
  const result = await task()
  return E.isLeft(result) ? result.left._tag : 'nothing'
}

test('a file holds what encode makes, and nothing is left beside it', async () => {
  const saved = await save(path, state)()
  expect(E.isRight(saved) && saved.right.modelArtifactsInfo.weightDataBytes).toBe(encode(state).length)
  expect([...readFileSync(path)]).toEqual([...encode(state)])
  expect(readdirSync(folder)).toEqual(['run.safetensors'])
  expect(await load(path, state)()).toEqual(E.right(state))
})

test('nothing is saved or loaded before the task is run, and then each time anew', async () => {
  const changing = { w: Float32Array.of(1) }
  const saving = save(path, changing)
  const loading = load(path)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(readdirSync(folder)).toEqual([])
  changing.w[0] = 2
  await saving()
  expect(await loading()).toEqual(E.right({ w: Float32Array.of(2) }))
  changing.w[0] = 3
  await saving()
  expect(await loading()).toEqual(E.right({ w: Float32Array.of(3) }))
})

test('what is saved is the tree at the moment of the call', async () => {
  const changing = { w: Float32Array.of(1) }
  const done = save(path, changing)()
  changing.w[0] = 2
  await done
  expect(await load(path)()).toEqual(E.right({ w: Float32Array.of(1) }))
})

test('a file may be named by a path, a file URL and the file:// of TensorFlow.js', async () => {
  const odd = join(folder, 'a b%20c.safetensors')
  const places = [odd, relative(process.cwd(), odd), pathToFileURL(odd).href]
  for (const place of places) {
    await save(place, state)()
    expect(readdirSync(folder)).toEqual(['a b%20c.safetensors'])
    expect(await load(place)()).toEqual(E.right(state))
    rmSync(odd)
  }
  await save(odd, state)()
  expect(await load(`file://./${relative(process.cwd(), odd)}`)()).toEqual(E.right(state))
})

test('tensors are the caller’s before and after: a save and a load leave what they hand over', async () => {
  const before = tf.memory().numTensors
  const params = { w: tf.tensor2d([1, 2, 3, 4], [2, 2]), on: tf.tensor1d([true, false], 'bool') }
  await save(path, params)()
  expect(tf.memory().numTensors - before).toBe(2)
  const loaded = await load(path, params)()
  if (E.isLeft(loaded)) throw new Error(loaded.left.message)
  expect(tf.memory().numTensors - before).toBe(4)
  expect(numbers(loaded.right.w)).toEqual([1, 2, 3, 4])
  expect(await failure(load(path, { w: params.on }))).toBe('DoesNotMatch')
  expect(tf.memory().numTensors - before).toBe(4)
  tf.dispose([params, loaded.right])
  expect(tf.memory().numTensors - before).toBe(0)
})

test('many saves to one path at once leave one of the states, whole, and nothing else', async () => {
  const states = Array.from({ length: 20 }, (_, i) => ({ w: new Float32Array(50_000 + i).fill(i) }))
  const saved = await Promise.all(states.map((each) => save(path, each)()))
  expect(saved.every(E.isRight)).toBe(true)
  expect(readdirSync(folder)).toEqual(['run.safetensors'])
  const loaded = await load(path)()
  expect(states.map((each) => E.right(each))).toContainEqual(loaded)
})

test('a tree that no file can hold is a Left with its path, and the old file stays', async () => {
  await save(path, state)()
  const wrong = await save(path, { w: () => 1 })()
  expect(wrong).toMatchObject({ left: { _tag: 'InvalidLeaf', path: 'tree.w' } })
  const gone = tf.scalar(1)
  gone.dispose()
  expect(await failure(save(path, { gone }))).toBe('Disposed')
  expect(await load(path)()).toEqual(E.right(state))
  expect(await failure(load(path, { w: () => 1 }))).toBe('InvalidLeaf')
})

test('nothing there, no such folder, and what is no folder are NotFound', async () => {
  const nothing = await load(path)()
  expect(nothing).toMatchObject({ left: { _tag: 'NotFound', place: path } })
  expect(E.isLeft(nothing) && nothing.left.message).toContain(path)
  expect(await failure(save(join(folder, 'no/run'), state))).toBe('NotFound')
  await save(path, state)()
  expect(await failure(load(join(path, 'below')))).toBe('NotFound')
  expect(await failure(save(join(path, 'below'), state))).toBe('NotFound')
})

test('folders, devices and pipes are neither read nor replaced', async () => {
  mkdirSync(join(folder, 'inside'))
  for (const place of [folder, '/dev/null', '/dev/zero']) {
    expect(await failure(save(place, state)), place).toBe('Unsupported')
    expect(await failure(load(place)), place).toBe('Unsupported')
  }
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  expect(readdirSync(folder)).toEqual(['inside'])
})

test('places that are not here are Unsupported', async () => {
  const handlers: readonly Place[] = [{}, { load: async () => ({}) }]
  for (const place of [
    'indexeddb://run',
    'localstorage://run',
    'downloads://run',
    's3://run',
    '',
    ...handlers,
  ])
    expect(await failure(save(place, state)), String(place)).toBe('Unsupported')
  for (const place of ['indexeddb://run', 'downloads://run.safetensors', 's3://run', '', {}])
    expect(await failure(load(place)), String(place)).toBe('Unsupported')
  const plain: readonly Place[] = JSON.parse('[null, 3, true]')
  for (const place of plain) expect(await failure(save(place, state)), String(place)).toBe('Unsupported')
})

test('a disk without room is QuotaExceeded, leaves the old file and no part of the new one', async () => {
  // a limit on the size of files is the way to run out of room without filling a disk
  await save(path, state)()
  const script = `
    import('${new URL('../../src/checkpoint/index.ts', import.meta.url).href}').then(async ({ save }) => {
      process.on('SIGXFSZ', () => undefined)
      const saved = await save(${JSON.stringify(path)}, { w: new Float32Array(1_000_000) })()
      console.log(saved._tag === 'Left' ? saved.left._tag : saved._tag)
    })`
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', 'ulimit -f 1024; exec "$0" --import tsx -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  )
  expect(stdout.trim(), stderr).toBe('QuotaExceeded')
  expect(readdirSync(folder)).toEqual(['run.safetensors'])
  expect(await load(path)()).toEqual(E.right(state))
})

test('a link stays a link, and what it points to is replaced', async () => {
  const link = join(folder, 'latest')
  await save(path, state)()
  symlinkSync(path, link)
  await save(link, { step: 4 })()
  expect(readlinkSync(link)).toBe(path)
  expect(await load(path)()).toEqual(E.right({ step: 4 }))
})

test('a private file stays private', async () => {
  await save(path, state)()
  chmodSync(path, 0o600)
  await save(path, state)()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('parts that killed saves have left hurt nothing, and go after an hour, with nothing else', async () => {
  const part = (i: number): string =>
    join(folder, `.gradpipe-${`${i}`.repeat(8)}-0000-4000-8000-000000000000.tmp`)
  const others = [join(folder, '.gradpipe-mine.tmp'), join(folder, 'old.tmp')]
  for (const file of [part(1), part(2), ...others]) writeFileSync(file, 'part')
  const long = Date.now() / 1000 - 2 * 60 * 60
  for (const file of [part(1), ...others]) utimesSync(file, long, long)
  await save(path, state)()
  expect(await load(path)()).toEqual(E.right(state))
  expect(existsSync(part(1))).toBe(false)
  for (const file of [part(2), ...others]) expect(existsSync(file), file).toBe(true)
})

test('the bytes of anything else are told as decode tells them', async () => {
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ['', 'Truncated'],
    ['<!doctype html><title>not here</title>', 'NotSafetensors'],
    ['{}', 'Truncated'],
    ['{"weightsManifest": 3, "x": "................"}', 'NotSafetensors'],
    ['{"weightsManifest": [null, 3, {"paths": [5]}]}', 'NotSafetensors'],
    ['{"weightsManifest": [{"paths": ["a", "b"]}]}', 'NotSafetensors'],
    [encode(state).subarray(0, 100), 'Truncated'],
  ]
  for (const [bytes, tag] of cases) {
    writeFileSync(path, bytes)
    expect(await failure(load(path)), String(bytes)).toBe(tag)
  }
})

test('a model.json gives the weights beside it, and never a file outside of its folder', async () => {
  const inside = join(folder, 'inside')
  mkdirSync(inside)
  writeFileSync(join(folder, 'weights.bin'), encode({ secret: 1 }))
  const json = join(inside, 'model.json')
  const manifest = (name: string): string =>
    JSON.stringify({ weightsManifest: [{ paths: [name], weights: [] }] })
  writeFileSync(json, manifest('../weights.bin'))
  expect(await failure(load(json))).toBe('NotFound')
  writeFileSync(join(inside, 'weights.bin'), encode(state))
  writeFileSync(json, manifest('./weights.bin'))
  expect(await load(json)()).toEqual(E.right(state))
})
