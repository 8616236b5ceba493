/** Loading, or starting afresh: only where nothing is saved. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/lib/Either.js'
import { dispose } from 'gradpipe'
import { encode, loadOr, save } from 'gradpipe/checkpoint'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'gradpipe-afresh-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fresh = { epoch: 0, w: Float32Array.of(1, 2) }

test('is fresh where there is no file, and no folder', async () => {
  for (const place of [join(folder, 'none'), join(folder, 'no', 'folder')]) {
    const started = await loadOr(place, fresh)()
    expect(E.isRight(started) && started.right).toBe(fresh)
  }
})

test('is what was saved, where something was', async () => {
  const file = join(folder, 'run.safetensors')
  await save(file, { epoch: 3, w: Float32Array.of(5, 6) })()
  expect(await loadOr(file, fresh)()).toEqual(E.right({ epoch: 3, w: Float32Array.of(5, 6) }))
})

test('is a failure where something else is there, or the place is none', async () => {
  const [broken, other] = [join(folder, 'broken'), join(folder, 'other')]
  writeFileSync(broken, encode(fresh).subarray(0, 40))
  writeFileSync(other, encode({ epoch: 0 }))
  for (const [place, tag] of [
    [broken, 'Truncated'],
    [other, 'DoesNotMatch'],
    ['indexeddb://run', 'Unsupported'],
  ] as const)
    expect(await loadOr(place, fresh)()).toMatchObject({ left: { _tag: tag } })
  expect(await loadOr(other, { f: Math.sin })()).toMatchObject({ left: { _tag: 'InvalidLeaf' } })
})

test('leaves the tensors of the fresh start to the caller', async () => {
  const { numTensors } = tf.memory()
  const begun = { w: tf.tensor1d([1]) }
  const file = join(folder, 'tensors')
  const first = await loadOr(file, begun)()
  expect(E.isRight(first) && first.right).toBe(begun)
  await save(file, begun)()
  const again = await loadOr(file, begun)()
  if (E.isLeft(again)) throw new Error(again.left.message)
  expect(again.right.w).not.toBe(begun.w)
  dispose(begun, again.right)
  expect(tf.memory().numTensors).toBe(numTensors)
})
