import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, test } from 'vitest'
import { tidily } from '../../laws/tensor.js'
import * as gradpipe from '../../src/index.js'
import { isThorough } from '../laws/runs.js'
import { type Library, namesOf, ourName } from './catalogue.js'
import { absent, absentCalls, lacksAxes, needsAxes } from './coverage.js'
import {
  assertAgreement,
  camel,
  compare,
  decode,
  encode,
  type GoldenCase,
  type GoldenFile,
  type GoldenLeaf,
  type GoldenTree,
  isGoldenLeaf,
  type Kind,
  kinds,
  readGoldens,
  tensor,
  worstOf,
} from './golden.js'
import { type Following, follow } from './trajectory.js'
import { shownWalk, type Walk, walkAlong } from './walk.js'

const library: Library = gradpipe
const has = (name: string): boolean => typeof library[ourName(name)] === 'function'

/** Functions of whole trees: `tree_add` stands in a namespace, as `optax.tree.add` does. */
const trees: Library = gradpipe.tree
const functionOf = (name: string): unknown =>
  name.startsWith('tree_') ? trees[ourName(name.slice('tree_'.length))] : library[ourName(name)]
const hasCall = (name: string): boolean => typeof functionOf(name) === 'function'

/** What a test's title says of a configuration. */
const shown = ({ name, args, config, call }: Pick<GoldenCase, 'name' | 'args' | 'config' | 'call'>) =>
  `${name}(${[args, config, call]
    .filter((part) => part !== undefined && JSON.stringify(part) !== '{}')
    .map((part) => JSON.stringify(part).replaceAll('"', ''))
    .join(' ')})`

/** The leaves that a case is run on, and where. */
const grounds: readonly { readonly on: string; readonly kind: Kind; readonly backend: string }[] = [
  ...kinds.map((kind) => ({ on: kind === tensor ? 'tensors on cpu' : kind.name, kind, backend: 'cpu' })),
  { on: 'tensors on wasm', kind: tensor, backend: 'wasm' },
]

const select = async (backend: string): Promise<void> => {
  await tf.setBackend(backend)
  // a backend that does not start leaves another one in its place
  expect(tf.getBackend()).toBe(backend)
}

/**
 * How far a case is followed on a ground: without `CI` an optimizer makes its steps in one of the two ways, and in the other
 * on the next ground and in the next case; and on two grounds of four it makes five steps, of which three are recorded, on
 * the others all twenty.
 */
const followingOf = (at: number): Following =>
  isThorough
    ? {}
    : { ways: [at % 2 === 0 ? 'step' : 'update, applyUpdates'], ...(at % 4 >= 2 && { steps: 5 }) }

/** The greatest distance that was seen, in tolerances. */
const worst = new Map<string, { readonly ratio: number; readonly where: string }>()

const record = (on: string, ratio: number, where: string): void => {
  if (ratio > (worst.get(on)?.ratio ?? 0)) worst.set(on, { ratio, where })
}

const files = ['optax_transforms', 'optax_optimizers', 'optax_wrappers'] as const
const goldens = files.map((name) => [name, readGoldens<GoldenFile>(name)] as const)

interface Call {
  readonly name: string
  readonly config: GoldenCase['config']
  readonly args: readonly GoldenTree[]
  readonly value: GoldenTree
  readonly f32_dev: number
}

const { objectives: walks } = readGoldens<{ readonly objectives: readonly Walk[] }>('optax_optimizers')
const { calls } = readGoldens<{ readonly calls: readonly Call[] }>('optax_wrappers')

describe.each(goldens)('%s', (_, { cases, inputs }) => {
  for (const [i, golden] of cases.filter((each) => namesOf(each).every(has)).entries()) {
    const given = inputs[golden.inputs]
    for (const [j, { on, kind, backend }] of grounds.entries()) {
      if (given !== undefined && lacksAxes(golden, given, kind)) continue
      const title = `${shown(golden)} agrees with Optax on inputs ${golden.inputs}, ${on}`
      test(title, async () => {
        if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
        await select(backend)
        const alive = tf.memory().numTensors
        const differences = follow(library, golden, given, kind, followingOf(i + j))
        const greatest = worstOf(differences)
        if (greatest !== undefined)
          record(on, greatest.ratio, `${shown(golden)} on ${golden.inputs}: ${greatest.path}`)
        assertAgreement(title, differences)
        expect(tf.memory().numTensors).toBe(alive)
      })
    }
  }
})

describe('on written functions', () => {
  for (const walk of walks.filter((each) => namesOf(each).every(has))) {
    test.each(grounds)(`${shownWalk(walk)} goes the way of Optax, $on`, async ({ kind, backend }) => {
      await select(backend)
      const alive = tf.memory().numTensors
      const differences = walkAlong(library, walk, kind)
      const greatest = worstOf(differences)
      if (greatest !== undefined)
        record('on written functions', greatest.ratio, `${shownWalk(walk)}: ${greatest.path}`)
      assertAgreement(shownWalk(walk), differences)
      expect(tf.memory().numTensors).toBe(alive)
    })
  }
})

describe('on whole trees', () => {
  for (const { name, config, args, value, f32_dev } of calls.filter((call) => hasCall(call.name))) {
    const fit = grounds.filter(({ kind }) => kind === tensor || !(name in needsAxes))
    test.each(fit)(`${name} agrees with Optax, $on`, async ({ kind, backend }) => {
      await select(backend)
      tidily(() => {
        const given = args.map((arg) =>
          isCount(arg) ? arg.data[0] : isTree(arg) ? encode(kind, decode(arg)) : arg,
        )
        const found = functionOf(name)
        if (typeof found !== 'function') throw new Error(`${name} is no function`)
        const named = Object.fromEntries(
          Object.entries(config).map(([key, setting]) => [camel(key), setting]),
        )
        const result = found(...given, ...(Object.keys(config).length > 0 ? [named] : []))
        assertAgreement(name, compare('value', value, result, kind.tolerance(f32_dev)))
      })
    })
  }
})

const isTree = (arg: GoldenTree): boolean => typeof arg === 'object' && arg !== null && !isCount(arg)

/** A scalar that is an argument of its own is a count, a number here as in every state. */
const isCount = (arg: GoldenTree): arg is GoldenLeaf => isGoldenLeaf(arg) && arg.shape.length === 0

describe('coverage', () => {
  const named = new Set([...goldens.flatMap(([, { cases }]) => cases), ...walks].flatMap(namesOf))

  test('every name that a golden calls is in the library or on the list of those that are not', () => {
    expect([...named].filter((name) => !has(name)).sort()).toEqual([...absent].sort())
    const called = new Set(calls.map(({ name }) => name))
    expect([...called].filter((name) => !hasCall(name)).sort()).toEqual([...absentCalls].sort())
  })

  test('a name that is run on tensors only is in the library', () => {
    expect(Object.keys(needsAxes).filter((name) => !has(name) && !hasCall(name))).toEqual([])
  })
})

afterAll(() => {
  const all = goldens.flatMap(([, { cases }]) => cases)
  const run = all.filter((golden) => namesOf(golden).every(has))
  const names = new Set(all.flatMap(namesOf))
  const covered = [...names].filter(has)
  console.log(
    [
      `${run.length} of ${all.length} golden trajectories run; ${covered.length} of ${names.size} names covered`,
      ...[...worst].map(
        ([on, { ratio, where }]) => `${on}: at most ${ratio.toPrecision(2)} of the tolerance, ${where}`,
      ),
    ].join('\n'),
  )
})
