/** What npm would publish is small, complete, and works for a user by every door. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contents, pack, project, runNode, temporary } from './pack.js'

const root = join(import.meta.dirname, '../..')
const folder = temporary()
let tarball = ''
/** A user with nothing besides. */
let bare = ''
/** A user with TensorFlow.js. */
let user = ''
/** A user who has what the laws need too. */
let lawyer = ''

beforeAll(async () => {
  tarball = await pack(inject('onceFolder'))
  const tensors = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']
  bare = project(folder, tarball, [])
  user = project(folder, tarball, tensors)
  lawyer = project(folder, tarball, [...tensors, 'fp-ts', 'fast-check'])
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

const sources = (part: string): readonly string[] =>
  readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${part}/${name.replace(/\.ts$/, '')}`)

const named = (part: string, ending: RegExp): readonly string[] =>
  readdirSync(join(root, part))
    .filter((name) => ending.test(name))
    .map((name) => `${part}/${name}`)

const entries = [
  'gradpipe',
  'gradpipe/checkpoint',
  'gradpipe/export',
  'gradpipe/fp-ts',
  'gradpipe/tfjs',
  'gradpipe/objax',
  'gradpipe/laws',
]

/** Those that make tensors leaves. */
const ofTensors = entries.slice(4)

test('the tarball holds each module, its types, the entries, the guide, the manifest, and nothing else', () => {
  const modules = [...sources('src'), ...sources('laws')]
  // what the entries share is cut as the bundler likes
  const isShared = (path: string): boolean => /^dist\/prebuilt\/shared\/\w+\.js$/.test(path)
  const held = contents(tarball)
  expect(held.filter(isShared).length).toBeGreaterThan(0)
  expect(held.filter((path) => !isShared(path)).sort()).toEqual(
    [
      ...['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'],
      ...named('docs', /\.(md|png|svg)$/),
      ...named('docs/api', /\.md$/),
      ...['checkpoint', 'export', 'fp-ts', 'index', 'laws', 'objax', 'tfjs'].map(
        (name) => `dist/prebuilt/${name}.js`,
      ),
      ...modules.flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
    ].sort(),
  )
})

interface Manifest {
  readonly dependencies?: object
  readonly peerDependencies: object
  readonly peerDependenciesMeta: object
}

test('editors are shown formulas as text', () => {
  const declarations = readdirSync(join(user, 'node_modules/gradpipe/dist'), {
    recursive: true,
    encoding: 'utf8',
  })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => [name, readFileSync(join(user, 'node_modules/gradpipe/dist', name), 'utf8')] as const)
  expect(declarations.filter(([, text]) => text.includes('{@rule')).map(([name]) => name)).toEqual([])
  const [, adam = ''] = declarations.find(([name]) => name.endsWith('optimizer/adam.d.ts')) ?? []
  const latex = /\$[^$`]*\\[a-z]+[^$`]*\$/
  expect(declarations.filter(([, text]) => latex.test(text)).map(([name]) => name)).toEqual([])
  const [, huber = ''] = declarations.find(([name]) => name.endsWith('losses/huberLoss.d.ts')) ?? []
  expect(huber).toContain('`(1 / 2) e²` where `|e| ≤ δ`, and\n * `δ |e| - (1 / 2) δ²` beyond')
  expect(adam).toContain('uₜ = -η ((μₜ / (1 - β₁^t)) / (√(νₜ / (1 - β₂^t) + ε̄) + ε))')
})

test('there is no dependency at run time but peers, and each of them is optional', () => {
  const manifest: Manifest = JSON.parse(
    readFileSync(join(bare, 'node_modules/gradpipe/package.json'), 'utf8'),
  )
  expect(manifest.dependencies).toBeUndefined()
  const peers = Object.keys(manifest.peerDependencies)
  expect(peers).toContain('@tensorflow/tfjs-core')
  expect(manifest.peerDependenciesMeta).toEqual(
    Object.fromEntries(peers.map((peer) => [peer, { optional: true }])),
  )
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

describe('plain Node, with nothing but gradpipe', () => {
  test('imports it', () => {
    expect(runNode(bare, 'user.mjs', `import { adam, applyUpdates } from 'gradpipe'${step}`)).toBe(stepped)
  })

  test('requires it', () => {
    const source = `const { adam, applyUpdates } = require('gradpipe')${step}`
    expect(runNode(bare, 'user.cjs', source)).toBe(stepped)
  })

  test('reads a few files, not one per module', () => {
    const source = `
      import { register } from 'node:module'
      const counter = 'export const load = (url, context, next) => (console.log(url), next(url, context))'
      register('data:text/javascript,' + encodeURIComponent(counter))
      await import('gradpipe')`
    const read = runNode(bare, 'files.mjs', source).split('\n')
    expect(read.filter((url) => !/gradpipe\/dist\/prebuilt\/(shared\/)?\w+\.js$/.test(url))).toEqual([])
    expect(read.length).toBeLessThan(15)
  })

  test.each(['gradpipe/tfjs', 'gradpipe/objax'])('is told what %s lacks', (entry) => {
    expect(() => runNode(bare, 'entry.mjs', `import '${entry}'`)).toThrow(
      /Cannot find package '@tensorflow\/tfjs-core'/,
    )
  })

  test.each(['gradpipe/internal/rule', 'gradpipe/dist/src/index.js', 'gradpipe/dist/prebuilt/index.js'])(
    'is refused %s',
    (path) => {
      expect(() => runNode(bare, 'inside.mjs', `import '${path}'`)).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/)
    },
  )
})

/** A step of Adam on a tensor, whose first step is the learning rate. */
const onTensors = `
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { adam, step } from 'gradpipe'
await tf.setBackend('cpu')
const tx = adam(0.25)
const [params] = step(tx)({ w: tf.scalar(1) }, tx.init({ w: tf.scalar(1) }), { w: tf.scalar(4) })
console.log((await params.w.data())[0].toFixed(6))`

describe('plain Node, with TensorFlow.js', () => {
  test.each(ofTensors)('has tensors for leaves after import %j', (entry) => {
    expect(runNode(lawyer, 'tensors.mjs', `import '${entry}'${onTensors}`)).toMatch(/(^|\n)0\.750000$/)
  })

  test('has no tensors for leaves otherwise, and is told what to import', () => {
    expect(() => runNode(user, 'none.mjs', onTensors)).toThrow(
      /params\.w: expected a number, a Float64Array, a Float32Array or an ndarray; tensors are leaves after import 'gradpipe\/tfjs', given a tensor/,
    )
  })

  test.each(['gradpipe/tfjs', 'gradpipe/objax', 'gradpipe/checkpoint', 'gradpipe/export'])(
    'loads %s without fast-check',
    (entry) => {
      const source = `import * as all from '${entry}'; console.log(Object.keys(all).length > 0)`
      expect(runNode(user, 'entry.mjs', source)).toBe('true')
    },
  )

  test('loads gradpipe/laws where fast-check is there', () => {
    const source = `console.log(Object.keys(require('gradpipe/laws')).length > 0)`
    expect(runNode(lawyer, 'laws.cjs', source)).toBe('true')
    expect(() => runNode(user, 'laws.cjs', source)).toThrow(/fast-check/)
  })

  test('joining modules renames no class: Objax shows their names', () => {
    const source = `
      const isClass = (each) =>
        typeof each === 'function' && /^class\\b/.test(Function.prototype.toString.call(each))
      const isNamespace = (each) => typeof each === 'object' && each?.[Symbol.toStringTag] === 'Module'
      const names = (all) => Object.entries(all).flatMap(([name, each]) =>
        isClass(each) ? [name + ' ' + each.name] : isNamespace(each) ? names(each) : [])
      for (const [entry, file] of [['gradpipe', 'src/index'], ['gradpipe/tfjs', 'src/tfjs/index'], ['gradpipe/objax', 'src/objax/index']]) {
        const [joined, single] = [await import(entry), await import('./node_modules/gradpipe/dist/' + file + '.js')]
        console.log(names(joined).length > 0, names(joined).join() === names(single).join())
      }`
    expect(runNode(user, 'names.mjs', source)).toBe('true true\ntrue true\ntrue true')
  })

  /** A mistake by each entry: the error that it throws is of the one class. */
  const mistakes = {
    gradpipe: `(all) => all.adam('fast')`,
    'gradpipe/tfjs': `(all) => all.toOptimizer(1)`,
    'gradpipe/objax': `(all) => new all.optimizer.SGD(1)`,
    'gradpipe/checkpoint': `(all) => all.decode('text')`,
    'gradpipe/export': `(all) => all.toOptax(1, 1)`,
    'gradpipe/fp-ts': `(all) => all.Foldable.reduce([,], 0, (a, b) => a + b)`,
    'gradpipe/laws': `(all) => all.catalogue[0].make().init('text')`,
  }

  // the first by one door, and the others by the other
  test.each([...entries.map((entry) => [entry, 'import'] as const), ['gradpipe', 'require'] as const])(
    'gets each class once, with %s first, by %s',
    (first, door) => {
      const order = [first, ...entries.filter((entry) => entry !== first)]
      const source = `
        import { createRequire } from 'node:module'
        const require = createRequire(import.meta.url)
        const mistakes = { ${Object.entries(mistakes).map(([entry, make]) => `'${entry}': ${make}`)} }
        const loaded = {}
        for (const entry of ${JSON.stringify(order)})
          loaded[entry] = (entry === '${first}') === ${door === 'import'} ? await import(entry) : require(entry)
        for (const entry of ${JSON.stringify(entries)})
          try {
            mistakes[entry](loaded[entry])
            console.log(entry, 'throws nothing')
          } catch (error) {
            console.log(entry, error instanceof loaded.gradpipe.GradpipeError)
          }`
      expect(runNode(lawyer, 'classes.mjs', source).split('\n')).toEqual(
        entries.map((entry) => `${entry} true`),
      )
    },
  )
})
