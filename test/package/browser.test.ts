/** The packed tarball in a page: built by Vite, under a content-security policy, in a worker. */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch } from '../browser/chromium.js'
import { pack, project, runNode, temporary } from './pack.js'
import { open, program, type Site, viteBuild } from './site.js'
import type { Outcome } from './user/trial.js'

const folder = temporary()
let user = ''
/** What the same program comes to in Node. */
let inNode: Outcome = { backend: '', bits: [], launches: 0, fallbacks: [], left: 0 }
/** Why there is no browser, where there is none. */
let reason = ''

/** Bundles the program with esbuild, for Node, and runs it. */
async function runBundled(): Promise<Outcome> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import '@tensorflow/tfjs-backend-wasm'
        import { trial } from './trial.js'
        trial('wasm').then((outcome) => console.log(JSON.stringify(outcome)))`,
      resolveDir: user,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@tensorflow/*'],
    write: false,
  })
  return JSON.parse(
    runNode(user, 'bundled.mjs', outputFiles[0]?.text ?? '')
      .split('\n')
      .at(-1) ?? '',
  )
}

beforeAll(async () => {
  const backends = ['cpu', 'wasm', 'webgpu'].map((name) => `@tensorflow/tfjs-backend-${name}`)
  user = project(folder, await pack(inject('onceFolder')), ['fp-ts', '@tensorflow/tfjs-core', ...backends])
  program(user)
  await viteBuild(user)
  try {
    await (await launch()).close()
  } catch (error) {
    if (process.env.CI) throw error
    reason = `Chromium did not start: ${error instanceof Error ? error.message : error}`
  }
  inNode = await runBundled()
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

const floats = ({ bits }: Outcome): readonly number[] => [...new Float32Array(Int32Array.from(bits).buffer)]

/** The largest difference to the numbers of Node. */
const apart = (outcome: Outcome): number => {
  const there = floats(inNode)
  expect(outcome.bits).toHaveLength(there.length)
  return Math.max(...floats(outcome).map((x, i) => Math.abs(x - (there[i] ?? Number.NaN))))
}

/** The strictest policy that a page with WebAssembly can have. */
const strict =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'"
const noWasm = strict.replace(" 'wasm-unsafe-eval'", '')

/** Opens the page, uses it and closes it. */
const visit = async <A>(
  headers: Readonly<Record<string, string>>,
  use: (site: Site) => Promise<A>,
): Promise<A> => {
  const site = await open(user, headers)
  try {
    return await use(site)
  } finally {
    await site.close()
  }
}

test('bundled by esbuild, the steps are fused in Node', () => {
  expect(inNode).toMatchObject({ backend: 'wasm', fallbacks: [], left: 0 })
  expect(inNode.launches).toBeGreaterThanOrEqual(10)
  expect(floats(inNode).every(Number.isFinite)).toBe(true)
})

describe('built by Vite, in Chromium', () => {
  const inPage = (name: string, run: () => Promise<void>): void =>
    test(name, { timeout: 120_000 }, async ({ skip }) => {
      skip(reason !== '', reason)
      await run()
    })

  inPage('under a policy with wasm-unsafe-eval alone, kernels are compiled, and nothing is said', () =>
    visit({ 'Content-Security-Policy': strict }, async ({ evaluate, said }) => {
      const outcome = await evaluate<Outcome>(`trial('wasm')`)
      expect(outcome).toEqual(inNode)
      expect(said).toEqual([])
      expect(await evaluate('evaluates()')).toBe(false)
    }),
  )

  inPage('in a web worker under that policy, too', () =>
    visit({ 'Content-Security-Policy': strict }, async ({ evaluate, said }) => {
      expect(await evaluate<Outcome>(`inWorker('wasm')`)).toEqual(inNode)
      expect(said).toEqual([])
    }),
  )

  inPage('without wasm-unsafe-eval, WebGPU is fused, and the cpu backend has the numbers', () =>
    visit({ 'Content-Security-Policy': noWasm }, async ({ evaluate, said }) => {
      expect(await evaluate('compiles()')).toBe(false)
      const webgpu = await evaluate<Outcome>(`trial('webgpu')`)
      expect(webgpu).toMatchObject({ backend: 'webgpu', fallbacks: [], left: 0 })
      expect(webgpu.launches).toBeGreaterThanOrEqual(10)
      expect(apart(webgpu)).toBeLessThan(1e-6)
      const cpu = await evaluate<Outcome>(`trial('cpu')`)
      // few elements are stepped by loops, which need no WebAssembly
      expect(cpu).toMatchObject({ backend: 'cpu', fallbacks: [], left: 0 })
      expect(cpu.launches).toBeGreaterThanOrEqual(10)
      expect(apart(cpu)).toBeLessThan(1e-6)
      expect(said).toEqual([])
    }),
  )

  inPage('where the policy refuses kernels on a WASM backend that is there, operations do the steps', () =>
    visit({ 'Content-Security-Policy': strict }, async ({ evaluate, said }) => {
      expect(await evaluate(`setBackend('wasm')`)).toBe(true)
      await evaluate(`forbid("script-src 'self'")`)
      expect(await evaluate('compiles()')).toBe(false)
      const outcome = await evaluate<Outcome>(`trial('wasm')`)
      expect(outcome).toMatchObject({ backend: 'wasm', launches: 0, left: 0 })
      // the state's start, and ten steps
      expect(outcome.fallbacks).toHaveLength(11)
      expect(outcome.fallbacks.filter((why) => !/Content Security Policy/i.test(why))).toEqual([])
      expect(apart(outcome)).toBeLessThan(1e-6)
      expect(said).toEqual([])
    }),
  )

  inPage('isolated under that policy, with the threads of TensorFlow.js left out', () =>
    visit(
      {
        'Content-Security-Policy': strict,
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
      async ({ evaluate, said }) => {
        expect(await evaluate('crossOriginIsolated')).toBe(true)
        await evaluate('oneThread()')
        expect(await evaluate<Outcome>(`trial('wasm')`)).toEqual(inNode)
        expect(said).toEqual([])
      },
    ),
  )
})
