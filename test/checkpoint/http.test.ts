import { createServer, type Server } from 'node:http'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encode, load, save } from '../../src/checkpoint/index.js'

const state = { step: 3, w: Float32Array.of(1, 2) }
const bytes = encode(state)

/** What is served, by path with query. */
const served = new Map<string, string | Uint8Array>()
let server: Server
let url = ''

/** Files that a form holds. */
const filesOf = async (body: Uint8Array<ArrayBuffer>, type: string): Promise<readonly File[]> => {
  const form = await new Response(body, { headers: { 'Content-Type': type } }).formData()
  return [...form.values()].filter((value) => typeof value !== 'string')
}

beforeEach(async () => {
  served.clear()
  server = createServer(async (request, response) => {
    const { url: path = '', method, headers } = request
    if (path.startsWith('/status/')) return response.writeHead(Number(path.split('/')[2])).end('<html>sorry')
    if (path.startsWith('/cut')) {
      response.writeHead(200, { 'Content-Length': 1_000_000_000 }).write(bytes.subarray(0, 60))
      return setTimeout(() => response.destroy(), 20)
    }
    if (path.startsWith('/short')) return response.end(bytes.subarray(0, 60))
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = new Uint8Array(Buffer.concat(chunks))
    if (method === 'PUT') served.set(path, body)
    if (method === 'POST')
      for (const file of await filesOf(body, headers['content-type'] ?? ''))
        served.set(`${path}/${file.name}`, new Uint8Array(await file.arrayBuffer()))
    if (method === 'GET' && !served.has(path)) return response.writeHead(404, 'Not Here').end()
    return response.end(method === 'GET' ? served.get(path) : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  url = `http://127.0.0.1:${address.port}`
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

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
