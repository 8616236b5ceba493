/** What describes itself is made again of its description, and steps to the same bits. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { encode as blocksAs, catalogue, type Kind, type Tx } from '../../laws/index.js'
import { tidily } from '../../laws/tensor.js'
import { factories } from '../../src/describe/factories.js'
import * as library from '../../src/index.js'
import {
  adam,
  adamw,
  chain,
  constant,
  cosineDecaySchedule,
  type Description,
  describe as described,
  fromDescription,
  fromRule,
  fromTerm,
  type GradientTransformation,
  lookahead,
  max,
  mean,
  mix,
  multiDot,
  ndarray,
  norm,
  orthogonalize,
  type Params,
  parameter,
  polarExpress,
  select,
  sgd,
  slot,
  step,
  zeros,
} from '../../src/index.js'
import { useBackend } from '../backends.js'
import { bits, drawn } from '../checkpoint/resume/walk.js'

beforeAll(() => useBackend('cpu'))

const right = <A>(either: library.Either<library.GradpipeError, A>): A => {
  if (either._tag === 'Left') throw either.left
  return either.right
}

/** As another program has it: text, and nothing else. */
const sent = (description: Description): unknown => JSON.parse(JSON.stringify(description))

/** Parameters and state after some steps, as bits. */
const walked = (tx: Tx, kind: Kind, extraArgs: library.ExtraArgs = {}): Uint8Array =>
  tidily(() => {
    let params: Params = blocksAs(kind)(drawn(0, 0, []))
    let state = tx.init(params)
    for (let count = 1; count <= 20; count++)
      [params, state] = step(tx)<Params>(params, state, blocksAs(kind)(drawn(count, 0, [])), extraArgs)
    return bits({ params, state })
  })

/** Those of the catalogue that tensors are needed for. */
const needsTensors = (tx: Tx): boolean => {
  try {
    walked(tx, 'float64')
    return false
  } catch {
    return true
  }
}

interface Row {
  readonly call: string
  readonly name: string
  readonly made: Tx
  readonly description: ReturnType<typeof described>
}

const rows = catalogue.map(({ call, name, make }): Row => {
  const made = make()
  return { call, name, made, description: described(made) }
})

describe('of the catalogue', () => {
  test('what travels makes the same steps, bit for bit', () => {
    const before = tf.memory().numTensors
    const wrong: Record<string, unknown> = {}
    let travelling = 0
    for (const { call, made, description } of rows) {
      if (description._tag === 'Left') continue
      travelling++
      const read = fromDescription(sent(description.right))
      if (read._tag === 'Left') {
        wrong[call] = read.left.message
        continue
      }
      const kind = needsTensors(made) ? 'tensor' : 'float64'
      if (Buffer.compare(walked(made, kind), walked(read.right, kind)) !== 0) wrong[call] = 'other bits'
      else if (JSON.stringify(described(read.right)) !== JSON.stringify(description))
        wrong[call] = 'another description'
    }
    expect(wrong).toEqual({})
    expect(travelling).toBeGreaterThanOrEqual(250)
    expect(tf.memory().numTensors).toBe(before)
  }, 120_000)

  test('what does not travel holds a function, and says where', () => {
    // the laws give these a loss, or parameters that are no pair, by a transformation of their own around them
    const wrapped = ['lookahead', 'momo', 'momoAdam', 'polyakSgd', 'reduceOnPlateau', 'scaleByPolyak']
    const searching = ['scaleByBacktrackingLinesearch', 'scaleByZoomLinesearch']
    const left = rows.flatMap(({ call, name, description }) =>
      description._tag === 'Right' || wrapped.includes(name) || searching.includes(name)
        ? []
        : [{ call, ...description.left }],
    )
    for (const { call, path, given } of left) {
      expect(`${call}: ${path}`).toMatch(/: \$(\.args\[\d\]|\.\w+|\[\d\])+$/)
      expect(given).toMatch(/^(a function|a transformation of other functions)$/)
    }
    const travels = new Set(
      rows.flatMap(({ name, description }) => (description._tag === 'Right' ? [name] : [])),
    )
    const never = new Set(rows.map(({ name }) => name).filter((name) => !travels.has(name)))
    expect([...never].sort()).toEqual(
      [
        ...wrapped,
        ...searching,
        // rows whose masks, axes or schedules are functions; below they are data
        ...[
          'freeze',
          'masked',
          'partition',
          'scaleByMuon',
          'scaleByMatrixRms',
          'scaleBySchedule',
          'selectiveTransform',
        ],
        'conditionallyMask',
        'conditionallyTransform',
        'injectStatefulHyperparams',
        'maybeUpdate',
        'measureWithEma',
        'monitor',
        'snapshot',
        'stateless',
        'statelessWithTreeMap',
      ].sort(),
    )
  })

  test('functions of a leaf travel for the leaves that they are asked about', () => {
    const before = tf.memory().numTensors
    const wrong: Record<string, unknown> = {}
    const told: string[] = []
    for (const { call, name, made, description } of rows) {
      if (description._tag === 'Right') continue
      const kind = needsTensors(made) ? 'tensor' : 'float64'
      const own = tidily(() => described(made, blocksAs(kind)(drawn(0, 0, []))))
      if (own._tag === 'Left') continue
      told.push(name)
      const read = right(fromDescription(sent(own.right)))
      if (Buffer.compare(walked(made, kind), walked(read, kind)) !== 0) wrong[call] = 'other bits'
      else if (JSON.stringify(described(read)) !== JSON.stringify(own)) wrong[call] = 'another description'
    }
    expect(wrong).toEqual({})
    expect(told.length).toBeGreaterThanOrEqual(20)
    expect([...new Set(told)].sort()).toEqual([
      'freeze',
      'masked',
      'partition',
      'scaleByAdamMini',
      'scaleByLeaf',
      'scaleByMatrixRms',
      'scaleByMuon',
      'selectiveTransform',
    ])
    expect(tf.memory().numTensors).toBe(before)
  })

  test('every other factory can be called by a description', () => {
    const ofFunctions =
      /^(conditionally|injectHyper|injectStateful|maybeUpdate|measureWithEma|monitor|snapshot|stateless|andThen$)/
    const names = new Set(rows.map(({ name }) => name))
    expect([...names].filter((name) => !ofFunctions.test(name) && !Object.hasOwn(factories, name))).toEqual(
      [],
    )
    // by the names that users know
    const known = new Map<string, unknown>(Object.entries(library))
    const { skipNotFinite, ...others } = factories
    expect(Object.entries(others).filter(([name, factory]) => known.get(name) !== factory)).toEqual([])
    // made of nothing
    expect((skipNotFinite as () => unknown)()).toBe(library.skipNotFinite)
  })
})

describe('a function of a leaf', () => {
  const params = { dense: { kernel: new Float32Array(4), bias: new Float32Array(2) }, 'out/bias': 1 }
  const tx = chain(
    adamw(0.1, { mask: ({ path }) => path.at(-1) !== 'bias' }),
    library.freeze(() => false),
  )
  const table = (value: (path: string) => boolean): Description => ({
    $leaves: [
      [['dense', 'bias'], value('dense.bias')],
      [['dense', 'kernel'], value('dense.kernel')],
      [['out', 'bias'], value('out.bias')],
    ],
  })

  test('is told by what it says of some parameters, in whatever order they are', () => {
    const description = right(described(tx, params))
    expect(description).toEqual({
      gradpipe: 1,
      $call: 'chain',
      args: [
        { $call: 'adamw', args: [0.1, { mask: table((path) => path === 'dense.kernel') }] },
        { $call: 'freeze', args: [table(() => false)] },
      ],
    })
    const { dense, ...rest } = params
    expect(right(described(tx, { ...rest, dense: { bias: dense.bias, kernel: dense.kernel } }))).toEqual(
      description,
    )
  })

  test('of other leaves is refused once it is read', () => {
    const read = right(fromDescription(sent(right(described(tx, params)))))
    expect(() => read.init({ w: 1 })).toThrow('w: expected a leaf that was described')
  })

  test('that throws is refused, with its place and the leaf', () => {
    const odd = library.masked(sgd(0.1), ({ path }) => {
      if (path.length > 1) throw new Error('no leaf of mine')
      return true
    })
    expect(described(chain(odd), params)).toMatchObject({
      left: { path: '$.args[0].args[1]("dense.bias")', given: 'what it cannot read: Error: no leaf of mine' },
    })
  })

  test('is another than a function of the count', () => {
    expect(
      described(
        sgd((count) => 1 / (1 + count)),
        params,
      ),
    ).toMatchObject({
      left: { path: '$.args[0]', given: 'a function' },
    })
    const rate = fromDescription({ gradpipe: 1, $call: 'scaleBySchedule', args: [table(() => true)] })
    expect(rate).toMatchObject({ left: { path: '$', expected: 'scaleBySchedule: a leaf', given: '0' } })
  })
})

describe('what takes a loss, or pairs of parameters', () => {
  test.each<[string, GradientTransformation<never, never>]>([
    ['momo', library.momo(cosineDecaySchedule(1, 10), { lowerBound: 0.25 }) as never],
    ['momoAdam', library.momoAdam(1, { b1: 0.5 }) as never],
    ['polyakSgd', library.polyakSgd({ scaling: 0.5 }) as never],
    ['scaleByPolyak', library.scaleByPolyak({ variant: 'sps+' }) as never],
    ['reduceOnPlateau', chain(library.reduceOnPlateau({ patience: 2 }), sgd(0.1)) as never],
  ])('%s makes the same steps, bit for bit', (_, tx) => {
    const read = right(fromDescription(sent(right(described(tx)))))
    const value = { value: 3 }
    expect(walked(read, 'float64', value)).toEqual(walked(tx as never, 'float64', value))
  })

  test.each([
    ['lookahead', lookahead({ fastOptimizer: adam(0.1), syncPeriod: 2, slowStepSize: 0.5 })],
    ['scaleByZoomLinesearch', library.scaleByZoomLinesearch(20, { tol: 0.1 })],
    ['scaleByBacktrackingLinesearch', library.scaleByBacktrackingLinesearch(20, { storeGrad: true })],
    ['lbfgs', library.lbfgs(undefined, { linesearch: library.scaleByZoomLinesearch(3) })],
    ['dpsgd', library.dpsgd(0.1, { l2NormClip: 1, noiseMultiplier: 0.5, seed: 3 })],
    ['multiSteps', library.multiSteps(adam(0.1), 2, { shouldSkipUpdateFn: library.skipNotFinite })],
    [
      'skipLargeUpdates',
      library.multiSteps(adam(0.1), 2, { shouldSkipUpdateFn: library.skipLargeUpdates(3) }),
    ],
    ['masks', library.masked(adam(0.1), { w: true, $b: false, call: true, init: false, 'a.b': true })],
    ['a mask of what is frozen', library.freeze({ w: true, list: [false, null] })],
    ['selectiveTransform', library.selectiveTransform(adam(0.1), { w: true, b: false })],
    ['scaleBySchedule', library.scaleBySchedule(cosineDecaySchedule(1, 10))],
    ['scaleByMuon', library.scaleByMuon({ nsCoeffs: 'dion', beta: 0.9, balancing: 'output' })],
    ['scaleByMatrixRms', library.scaleByMatrixRms({ per: 'element', consistentRms: 0.2 })],
    ['labels', library.partition({ a: adam(0.1), b: sgd(0.1) }, { w: 'a', list: ['b', null, 'a'] })],
    ['a key', library.addNoise(0.1, 0.5, { key: library.random.key(7) })],
  ])('%s is made again of its description', (_, tx) => {
    const description = right(described(tx))
    expect(description).toEqual(sent(description))
    expect(right(described(right(fromDescription(sent(description)))))).toEqual(description)
  })
})

describe('rules of one’s own', () => {
  const rate = fromTerm((count) => constant(0.5).div(count.add(1).sqrt()))
  const own = fromRule({
    slots: { mu: zeros, most: slot('leaf', 1), origin: slot('element', parameter), turns: slot('host', 2) },
    scalars: ({ t, count }) => ({ b: 0.9, tiny: -0, huge: Number.POSITIVE_INFINITY, t, lr: rate(count) }),
    step: ({ g, p, mu, most, origin, turns }, { b, tiny, huge, t, lr }) => {
      const next = mu.mul(b).add(g.mul(constant(1).sub(b)))
      const clipped = next.min(huge).div(norm(g, 'tree').max(mean(g.abs(), 'leaf')).add(tiny).add(1))
      return {
        update: select(t.gt(2).and(turns.lt(9)), clipped.mul(lr).neg(), origin.sub(p).mul(0.1)),
        mu: next,
        most: max(g.abs(), 'leaf').max(most),
        origin,
        turns: turns.add(1),
      }
    },
  })

  test('make the same steps, bit for bit, with the same state', () => {
    const tx = chain(own, adamw(rate))
    const description = right(described(tx))
    const read = right(fromDescription(sent(description)))
    for (const kind of ['number', 'float64', 'float32'] as const)
      expect(walked(read, kind)).toEqual(walked(tx, kind))
    expect(right(described(read))).toEqual(description)
    expect(read.init({ w: 1 })).toEqual(tx.init({ w: 1 }))
  })

  test('read extra arguments', () => {
    const tx = fromRule({
      slots: {},
      scalars: { c: 2 },
      extraArgs: ['value'],
      step: ({ g, value }, { c }) => ({ update: g.mul(value).mul(c) }),
    })
    const read = right(fromDescription(sent(right(described(tx)))))
    expect(walked(read, 'float64', { value: 3 })).toEqual(walked(tx as never, 'float64', { value: 3 }))
    expect(() => read.update({ w: 1 }, read.init({ w: 1 }))).toThrow('extraArgs.value')
  })

  test('say which scalar is a function', () => {
    const tx = fromRule({
      slots: {},
      scalars: ({ t }) => ({ c: 2, lr: 1 / t }),
      step: ({ g }, { c, lr }) => ({ update: g.mul(lr.mul(c)) }),
    })
    expect(described(chain(sgd(0.1), tx))).toMatchObject({
      left: { path: '$.args[1].scalars', given: 'a function that computes with the clock' },
    })
  })

  test('make matrices orthogonal', () => {
    const tx = fromRule({
      slots: {},
      scalars: { tiny: 1e-6 },
      step: ({ g }, { tiny }) => ({
        update: orthogonalize(g, {
          coefficients: polarExpress({ steps: 4 }),
          preconditioning: 'schatten',
          eps: tiny,
        }),
      }),
    })
    const read = right(fromDescription(sent(right(described(tx)))))
    const g = ndarray(Float64Array.of(0, 3, -0.5, 1, 2, 4), [2, 3])
    expect(read.update(g, read.init(g))[0]).toEqual(tx.update(g, tx.init(g))[0])
  })

  test('multiply matrices', () => {
    const tx = fromRule({
      slots: { mu: zeros },
      scalars: { d: 0.5 },
      step: ({ g, p, ...old }, { d }) => {
        const mu = mix(d, old.mu, multiDot(g, p, old.mu.add(p)))
        return { update: multiDot(mu, mu, g), mu }
      },
    })
    const read = right(fromDescription(sent(right(described(tx)))))
    const [g, p] = [1, 2].map((by) => ndarray(Float64Array.of(0, 3, -0.5, 1, 2, 4 * by), [2, 3]))
    if (g === undefined || p === undefined) throw new Error('two are made')
    expect(read.update(g, read.init(p), p)).toEqual(tx.update(g, tx.init(p), p))
  })

  test('say that axes are a function', () => {
    const tx = fromRule({
      axes: () => ({ rows: 0, columns: 1 }),
      slots: {},
      scalars: {},
      step: ({ g }) => ({ update: g.sub(mean(g, 'row')) }),
    })
    expect(described(tx)).toMatchObject({ left: { path: '$.axes', given: 'a function' } })
  })
})

test('what no function of gradpipe has made has no description', () => {
  const ordinary: GradientTransformation = {
    init: () => ({}),
    update: <P extends Params>(grads: P, state: unknown) => [grads, state] as const,
  }
  expect(described(ordinary)).toMatchObject({ left: { _tag: 'InvalidArgument', path: '$' } })
  expect(described(chain(sgd(0.1), ordinary))).toMatchObject({ left: { path: '$.args[1]' } })
})
