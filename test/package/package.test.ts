/** What npm would publish is small, complete, and works for a user by every door. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contents, pack, project, runNode, temporary } from './pack.js'

const root = join(import.meta.dirname, '../..')
const folder = temporary()
let tarball = ''
/** A user with the required peers. */
let user = ''
/** A user who has fast-check too. */
let lawyer = ''

beforeAll(() => {
  tarball = pack(folder)
  const peers = ['fp-ts', '@tensorflow/tfjs-core']
  user = project(folder, tarball, peers)
  lawyer = project(folder, tarball, [...peers, 'fast-check'])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sources = (part: string): readonly string[] =>
  readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${part}/${name.replace(/\.ts$/, '')}`)

test('the tarball holds each module, its types, the manifest, the readme and the licence, and nothing else', () => {
  const modules = [...sources('src'), ...sources('laws')]
  expect([...contents(tarball)].sort()).toEqual(
    [
      'LICENSE',
      'README.md',
      'package.json',
      ...modules.flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
    ].sort(),
  )
})

test('there is no dependency at run time but the peers; fast-check and tfjs-layers are optional', () => {
  const manifest = JSON.parse(readFileSync(join(user, 'node_modules/gradpipe/package.json'), 'utf8'))
  expect(manifest.dependencies).toBeUndefined()
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual([
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-layers',
    'fast-check',
    'fp-ts',
  ])
  expect(manifest.peerDependenciesMeta).toEqual({
    '@tensorflow/tfjs-layers': { optional: true },
    'fast-check': { optional: true },
  })
})

/** Ten lines of a user: one step of Adam, whose first step is the learning rate against the sign. */
const step = `
const tx = adam(0.25)
const params = { w: 1, layers: [{ b: Float64Array.of(2, 3) }] }
const grads = { w: 4, layers: [{ b: Float64Array.of(-5, 6) }] }
const [updates] = tx.update(grads, tx.init(params), params)
const { w, layers: [{ b }] } = applyUpdates(params, updates)
console.log([w, ...b].map((x) => x.toFixed(6)).join(' '))`
const stepped = '0.750000 2.250000 2.750000'

describe('plain Node', () => {
  test('imports it', () => {
    expect(runNode(user, 'user.mjs', `import { adam, applyUpdates } from 'gradpipe'${step}`)).toBe(stepped)
  })

  test('requires it', () => {
    expect(runNode(user, 'user.cjs', `const { adam, applyUpdates } = require('gradpipe')${step}`)).toBe(
      stepped,
    )
  })

  test('gets the same classes by both doors', () => {
    const source = `const { GradpipeError } = require('gradpipe')
      import('gradpipe').then((gradpipe) => console.log(gradpipe.GradpipeError === GradpipeError))`
    expect(runNode(user, 'both.cjs', source)).toBe('true')
  })

  test.each(['gradpipe', 'gradpipe/objax'])('loads %s without fast-check', (entry) => {
    const source = `import * as all from '${entry}'; console.log(Object.keys(all).length > 0)`
    expect(runNode(user, 'entry.mjs', source)).toBe('true')
  })

  test('loads gradpipe/laws where fast-check is there', () => {
    const source = `console.log(Object.keys(require('gradpipe/laws')).length > 0)`
    expect(runNode(lawyer, 'laws.cjs', source)).toBe('true')
    expect(() => runNode(user, 'laws.cjs', source)).toThrow(/fast-check/)
  })

  test.each(['gradpipe/internal/rule', 'gradpipe/dist/src/index.js', 'gradpipe/src/index.js'])(
    'is refused %s',
    (path) => {
      expect(() => runNode(user, 'inside.mjs', `import '${path}'`)).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/)
    },
  )
})

describe('the declarations', () => {
  test.each([
    ['Node', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
    ['a bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
  ])(
    'compile under strict, as %s resolves them',
    (_, module, moduleResolution) => {
      const path = join(lawyer, 'user.mts')
      writeFileSync(
        path,
        `import { adam, applyUpdates } from 'gradpipe'
       import * as objax from 'gradpipe/objax'
       import * as laws from 'gradpipe/laws'
       const tx = adam(0.25)
       const [updates] = tx.update({ w: 1 }, tx.init({ w: 1 }))
       export const next: { readonly w: number } = applyUpdates({ w: 1 }, updates)
       export const all: readonly object[] = [objax, laws]`,
      )
      const program = ts.createProgram([path], {
        module,
        moduleResolution,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      })
      const ours = ts
        .getPreEmitDiagnostics(program)
        // TensorFlow.js ships declarations of its own that do not compile without skipLibCheck.
        .filter(({ file }) => file === undefined || file.fileName.startsWith(lawyer))
        .map(
          ({ file, messageText }) =>
            `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
        )
      expect(ours).toEqual([])
    },
    120_000,
  )
})

describe('a bundle', () => {
  /** What a user's line costs when it is bundled and minified, and which packages it still asks for. */
  async function bundle(
    contents: string,
  ): Promise<{ readonly bytes: number; readonly asks: readonly string[] }> {
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: user },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      external: ['@tensorflow/*'],
      metafile: true,
      write: false,
      logLevel: 'silent',
    })
    const [output] = outputFiles
    const asks = [
      ...new Set(Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))),
    ]
    const gzipped = gzipSync(output?.contents ?? '').length
    console.log(
      `${contents}\n  ${output?.contents.length} bytes minified, ${gzipped} gzipped; asks for ${asks}`,
    )
    return { bytes: output?.contents.length ?? 0, asks }
  }

  test('of one schedule holds no optimizer and asks for no TensorFlow.js', async () => {
    const { bytes, asks } = await bundle(`export { constantSchedule } from 'gradpipe'`)
    expect(asks).toEqual([])
    expect(bytes).toBeLessThan(4_000)
  })

  test('of one optimizer keeps to its budget and leaves the others out', async () => {
    const one = await bundle(`export { sgd } from 'gradpipe'`)
    const all = await bundle(`export * from 'gradpipe'`)
    // each of the two compilers, for WASM and for WebGPU, is 24 kB of it
    expect(one.bytes).toBeLessThan(90_000)
    expect(all.bytes).toBeLessThan(246_000)
  })

  test('of a loss holds the losses and no optimizer', async () => {
    const { bytes } = await bundle(
      `import { losses } from 'gradpipe'; export const loss = (x) => losses.huberLoss(x)`,
    )
    // a namespace comes whole
    expect(bytes).toBeLessThan(22_500)
  })

  test('of the Objax layers keeps to its budget and leaves the optimizers out', async () => {
    const layers = await bundle(`export { nn } from 'gradpipe/objax'`)
    const all = await bundle(`export * from 'gradpipe/objax'`)
    expect(layers.bytes).toBeLessThan(16_500)
    expect(all.bytes).toBeLessThan(118_000)
  })
})
