/**
 * Serves one bundled module to a page on this machine, with the headers that make the page cross-origin isolated
 * (so that memory can be shared between threads), the WebAssembly files of the tfjs backend and the golden values.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Where a page finds the files of the WASM backend: for `setWasmPaths`. */
const wasmPath = '/wasm/'

const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>gradpipe</title>'

/** Bundles a module for the page; `gradpipe` in it is the source, and tensors are leaves, as in the tests of Node. */
const bundle = async (entry: URL): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    stdin: {
      contents: ['src/tfjs/tensors.ts', fileURLToPath(entry)]
        .map((path) => `export * from ${JSON.stringify(resolve(source('.'), path))}`)
        .join('\n'),
      resolveDir: source('.'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'inline',
    logLevel: 'silent',
    // the list of modules with side effects in package.json is of dist/
    ignoreAnnotations: true,
    alias: {
      gradpipe: source('src/index.ts'),
      'gradpipe/objax': source('src/objax/index.ts'),
      'gradpipe/checkpoint': source('src/checkpoint/index.ts'),
      'gradpipe/fp-ts': source('src/fp-ts/index.ts'),
      'gradpipe/tfjs': source('src/tfjs/index.ts'),
      'gradpipe/laws': source('laws/index.ts'),
      // golden values are files
      'node:fs': source('test/browser/files.ts'),
    },
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return file.contents
}

interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Bundles a module and serves it: the page at `url`, the module at `/entry.js`. */
export const serve = async (entry: URL): Promise<Served> => {
  const script = await bundle(entry)
  const server = createServer(async ({ url = '/' }, response) => {
    const send = (status: number, type: string, body: string | Uint8Array): void => {
      response
        .writeHead(status, {
          'Content-Type': type,
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
          'Cross-Origin-Resource-Policy': 'same-origin',
        })
        .end(body)
    }
    const golden = /^\/goldens\/\w+\.json$/.exec(url)?.[0]
    const wasm = url.startsWith(wasmPath) ? /^[\w-]+\.wasm$/.exec(url.slice(wasmPath.length))?.[0] : undefined
    try {
      if (url === '/') send(200, 'text/html', html)
      else if (url === '/entry.js') send(200, 'text/javascript', script)
      else if (golden !== undefined) send(200, 'application/json', await readFile(source(`test${golden}`)))
      else if (wasm !== undefined)
        send(
          200,
          'application/wasm',
          await readFile(source(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${wasm}`)),
        )
      else send(404, 'text/plain', 'not here')
    } catch (error) {
      send(500, 'text/plain', String(error))
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
