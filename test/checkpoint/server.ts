/**
 * A server that keeps what is put, and the files of forms that are posted, and answers badly on demand; pages of
 * other origins may use it.
 */
import { createServer } from 'node:http'
import { encode } from '../../src/checkpoint/index.js'

const start = encode({ step: 3, w: Float32Array.of(1, 2) }).subarray(0, 60)

const filesOf = async (body: Uint8Array<ArrayBuffer>, type: string): Promise<readonly File[]> => {
  const form = await new Response(body, { headers: { 'Content-Type': type } }).formData()
  return [...form.values()].filter((value) => typeof value !== 'string')
}

interface CheckpointServer {
  readonly url: string
  /** What is served, by path with query. */
  readonly served: Map<string, string | Uint8Array>
  readonly close: () => Promise<void>
}

/**
 * Serves `served`; `/status/N/…` answers with status N, `/cut…` breaks off before as many bytes as it promised,
 * `/short…` ends early without a promise.
 */
export const serveCheckpoints = async (): Promise<CheckpointServer> => {
  const served = new Map<string, string | Uint8Array>()
  const server = createServer(async (request, response) => {
    const { url: path = '', method, headers } = request
    response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Methods', '*')
    response.setHeader('Access-Control-Allow-Headers', '*')
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = new Uint8Array(Buffer.concat(chunks))
    if (method === 'OPTIONS') return response.end()
    if (path.startsWith('/status/')) return response.writeHead(Number(path.split('/')[2])).end('<html>sorry')
    if (path.startsWith('/cut')) {
      response.writeHead(200, { 'Content-Length': 1_000_000_000 }).write(start)
      return setTimeout(() => response.destroy(), 20)
    }
    if (path.startsWith('/short')) return response.end(start)
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
  return {
    url: `http://127.0.0.1:${address.port}`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
