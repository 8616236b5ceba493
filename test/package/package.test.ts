/** What npm would publish is small, complete, and works for a user by every door. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contents, pack, project, runNode, temporary } from './pack.js'

const root = join(import.meta.dirname, '../..')
const folder = temporary()
let tarball = ''
/** A user with the required peers. */
let user = ''
/** A user who has fast-check too. */
let lawyer = ''

beforeAll(async () => {
  tarball = await pack(inject('onceFolder'))
  const peers = ['fp-ts', '@tensorflow/tfjs-core']
  user = project(folder, tarball, peers)
  lawyer = project(folder, tarball, [...peers, 'fast-check'])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sources = (part: string): readonly string[] =>
  readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${part}/${name.replace(/\.ts$/, '')}`)

test('the tarball holds each module, its types, the manifest, what is to be read first, and nothing else', () => {
  const modules = [...sources('src'), ...sources('laws')]
  expect([...contents(tarball)].sort()).toEqual(
    [
      'CHANGELOG.md',
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

  test.each(['gradpipe', 'gradpipe/objax', 'gradpipe/checkpoint', 'gradpipe/tfjs'])(
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

  test.each(['gradpipe/internal/rule', 'gradpipe/dist/src/index.js', 'gradpipe/src/index.js'])(
    'is refused %s',
    (path) => {
      expect(() => runNode(user, 'inside.mjs', `import '${path}'`)).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/)
    },
  )
})
