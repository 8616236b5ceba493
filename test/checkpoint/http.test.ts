import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encode, load, save } from '../../src/checkpoint/index.js'
import { serveCheckpoints } from './server.js'

const state = { step: 3, w: Float32Array.of(1, 2) }
const bytes = encode(state)

let served = new Map<string, string | Uint8Array>()
let url = ''
let close = async (): Promise<void> => undefined
beforeEach(async () => {
  ;({ served, url, close } = await serveCheckpoints())
})
afterEach(() => close())

test('a name that ends in .safetensors is put and fetched as the plain file', async () => {
  const place = `${url}/run.safetensors?token=a/b`
  const saved = await save(place, state)()
  expect(E.isRight(saved) && saved.right.responses?.map(({ status }) => status)).toEqual([200])
  expect(served.get('/run.safetensors?token=a/b')).toEqual(bytes)
  expect(await load(place, state)()).toEqual(E.right(state))
})

test('any other name is sent the form of TensorFlow.js, and its model.json loads, with its query', async () => {
  const saved = await save(`${url}/runs`, state)()
  expect(E.isRight(saved) && saved.right.responses?.length).toBe(1)
  expect([...served.keys()].sort()).toEqual(['/runs/model.json', '/runs/model.weights.bin'])
  expect(await load(`${url}/runs/model.json`, state)()).toEqual(E.right(state))
  expect(await load(`${url}/runs/model.weights.bin`)()).toEqual(E.right(state))
  served.set('/signed/model.json?key=a/b', served.get('/runs/model.json') ?? '')
  served.set('/signed/model.weights.bin?key=a/b', bytes)
  // the path is kept as TensorFlow.js writes it, ./model.weights.bin
  expect(await load(`${url}/signed/model.json?key=a/b`)()).toEqual(E.right(state))
})

test('a plain file loads whatever its name is', async () => {
  served.set('/latest', bytes)
  expect(await load(`${url}/latest`)()).toEqual(E.right(state))
})

test('404 and 410 are NotFound, any other status but success is Refused with it', async () => {
  for (const ending of ['', '.safetensors'])
    for (const status of [404, 410, 401, 403, 413, 500, 503]) {
      const place = `${url}/status/${status}/a${ending}`
      const left =
        status === 404 || status === 410 ? { _tag: 'NotFound', place } : { _tag: 'Refused', place, status }
      expect(await load(place)()).toMatchObject({ left })
      expect(await save(place, state)()).toMatchObject({ left })
    }
  const nothing = await load(`${url}/nothing`)()
  expect(E.isLeft(nothing) && nothing.left.message).toBe(
    `${url}/nothing: ${url}/nothing answered 404 Not Here`,
  )
})

test('weights that are missing are NotFound, not the page that says so', async () => {
  await save(`${url}/runs`, state)()
  served.delete('/runs/model.weights.bin')
  const place = `${url}/runs/model.json`
  expect(await load(place)()).toMatchObject({ left: { _tag: 'NotFound', place } })
})

test('an answer that is cut off is Failed where the server promised more, and Truncated otherwise', async () => {
  expect(await load(`${url}/cut.safetensors`)()).toMatchObject({ left: { _tag: 'Failed' } })
  expect(await load(`${url}/short.safetensors`)()).toMatchObject({ left: { _tag: 'Truncated', given: 60 } })
})

test('a page where the checkpoint should be is NotSafetensors', async () => {
  served.set('/app', '<!doctype html><title>a page for every address</title>')
  expect(await load(`${url}/app`)()).toMatchObject({ left: { _tag: 'NotSafetensors' } })
})

test('no server, and no URL, is Failed', async () => {
  for (const place of ['http://127.0.0.1:1/run.safetensors', 'http://127.0.0.1:1/run', 'http://'])
    for (const task of [load(place), save(place, state)])
      expect(await task()).toMatchObject({ left: { _tag: 'Failed', place } })
})
