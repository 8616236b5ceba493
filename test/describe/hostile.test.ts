/** Descriptions may come from anywhere: what is wrong in one is told, by its place, and nothing of it is run. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  adamw,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  type Description,
  describe as described,
  fromDescription,
  fromRule,
  fromTerm,
  GradpipeError,
  joinSchedules,
  mix,
  multiSteps,
  norm,
  partition,
  sgd,
  zeros,
} from '../../src/index.js'
import { asserting } from '../laws/runs.js'

const own = fromRule({
  slots: { mu: zeros },
  scalars: ({ t }) => ({ b: 0.9, t }),
  step: ({ g, mu }, { b, t }) => ({ update: mu.div(norm(g, 'tree').add(t)), mu: mix(b, mu, g) }),
})
const halving = fromTerm((count) => count.neg().div(10).exp())
const whole = described(
  chain(
    clipByGlobalNorm(Number.POSITIVE_INFINITY),
    multiSteps(adamw(joinSchedules([cosineDecaySchedule(0.1, 10), halving], [5]), { b1: 0.8 }), 2),
    partition({ a: own, b: sgd(0.1) }, { w: 'a', $list: ['b', 'a'] }),
  ),
)
if (whole._tag === 'Left') throw whole.left
const valid: Description = JSON.parse(JSON.stringify(whole.right))

/** What is wrong, as `path: expected, given`. */
const wrong = (description: unknown): string => {
  const read = fromDescription(description)
  if (read._tag === 'Right') return 'nothing'
  const { _tag, path, expected, given } = read.left
  expect(_tag).toBe('InvalidArgument')
  return `${path}: ${expected}, ${given}`
}

const call = (name: string, ...args: readonly unknown[]): unknown => ({ gradpipe: 1, $call: name, args })
const nested = (depth: number, inner: string, before: string, after: string): unknown =>
  JSON.parse(`${before.repeat(depth)}${inner}${after.repeat(depth)}`)

describe('what is wrong is told by its place', () => {
  test.each<[string, unknown, string]>([
    ['no record', 3, '$: a record, 3'],
    ['no version', { $call: 'adam', args: [0.1] }, '$.gradpipe: 1, undefined'],
    ['a later version', { gradpipe: 2, $call: 'adam', args: [0.1] }, '$.gradpipe: 1, 2'],
    ['no call', { gradpipe: 1 }, '$: a transformation, something else'],
    ['no arguments', { gradpipe: 1, $call: 'adam' }, '$.args: an entry, nothing'],
    ['something more', { ...Object(call('adam')), more: 1 }, '$.more: one of $call, args, "more"'],
    ['another name', call('eval', '1'), '$.$call: a function of gradpipe that takes data, "eval"'],
    ['an inherited name', call('toString'), '$.$call: a function of gradpipe that takes data, "toString"'],
    ['a constructor', call('constructor'), '$.$call: a function of gradpipe that takes data, "constructor"'],
    [
      'a function of functions',
      call('stateless'),
      '$.$call: a function of gradpipe that takes data, "stateless"',
    ],
    ['a name that is none', { gradpipe: 1, $call: [], args: [] }, '$.$call: a name, an array'],
    ['a schedule', call('constantSchedule', 1), '$: a transformation, a schedule'],
    [
      'an option out of its range',
      call('adam', 0.1, { b1: 2 }),
      '$.args[1].b1: adam.b1: a number of at least 0, below 1, 2',
    ],
    [
      'an unknown option',
      call('adam', 0.1, { beta: 2 }),
      '$.args[1].beta: adam.beta: one of b1, b2, eps, epsRoot, nesterov, "beta"',
    ],
    ['a member that is none', call('chain', 1), '$: chain.0: a transformation, 1'],
    ['too many arguments', call('adam', 0.1, {}, {}), '$.args: at most 2 arguments, 3'],
    ['another word', call('sgd', { $eval: '1' }), '$.args[0].$eval: a word of descriptions, "$eval"'],
    [
      'another number',
      call('sgd', { $number: '1' }),
      '$.args[0].$number: one of Infinity, -Infinity, NaN, -0, "1"',
    ],
    [
      'a table without values',
      call('masked', { $call: 'sgd', args: [1] }, { $leaves: [[['w']]] }),
      '$.args[1].$leaves[0]: a path and a value, an array',
    ],
    [
      'a table of paths that are none',
      call('masked', { $call: 'sgd', args: [1] }, { $leaves: [[[{}], true]] }),
      '$.args[1].$leaves[0][0][0]: a key or an index, an empty object',
    ],
    [
      'a table that is none',
      call('masked', { $call: 'sgd', args: [1] }, { $leaves: {} }),
      '$.args[1].$leaves: a list, an empty object',
    ],
    [
      'more than can be written out',
      call('mechanize', { $call: 'sgd', args: [1] }, { numBetas: 1e9 }),
      '$.args[1].numBetas: mechanize.numBetas: a whole number from 1 to 100, 1000000000',
    ],
    [
      'a rule under no name',
      call('chain', { $rule: { nodes: [] } }),
      '$.args[0].$rule.scalars: an entry, nothing',
    ],
    [
      'a prototype',
      JSON.parse(
        '{"gradpipe":1,"$call":"masked","args":[{"$call":"sgd","args":[1]},{"__proto__":{"w":true}}]}',
      ),
      '$.args[1].__proto__: another name, "__proto__"',
    ],
    [
      'depth',
      { gradpipe: 1, $call: 'chain', args: [nested(100_000, '', '[', ']')] },
      `$.args[0]${'[0]'.repeat(64)}`,
    ],
  ])('%s', (_, description, expected) => {
    expect(wrong(description)).toContain(expected.slice(0, 190))
  })

  const rule = { nodes: [['gradient']], scalars: {}, isTimed: false, slots: {}, extraArgs: [], update: 0 }
  const inRule = (change: object): string => wrong(call('chain', { $rule: { ...rule, ...change } }))
  test.each<[string, object, string]>([
    ['a node of later ones', { nodes: [['neg', 1], ['gradient']] }, 'nodes[0][1]: no part, 1'],
    ['a node of itself', { nodes: [['gradient'], ['neg', 1]] }, 'nodes[1][1]: a whole number below 1, 1'],
    [
      'an index that is none',
      { nodes: [['gradient'], ['neg', -1]] },
      'nodes[1][1]: a whole number below 1, -1',
    ],
    ['half an index', { nodes: [['gradient'], ['neg', 0.5]] }, 'nodes[1][1]: a whole number below 1, 0.5'],
    [
      'a name for an index',
      { nodes: [['gradient'], ['neg', 'length']] },
      'nodes[1][1]: a whole number below 1, "length"',
    ],
    ['another operation', { nodes: [['eval', 0]] }, 'nodes[0][0]: an operation, "eval"'],
    ['an inherited operation', { nodes: [['constructor', 0]] }, 'nodes[0][0]: an operation, "constructor"'],
    ['too few parts', { nodes: [['gradient'], ['add', 0]] }, 'nodes[1]: 2 entries after "add", 1'],
    ['too many parts', { nodes: [['gradient', 0]] }, 'nodes[0]: 0 entries after "gradient", 1'],
    [
      'another comparison',
      { nodes: [['gradient'], ['select', 'gt', 0, 0, 0, 0]] },
      'nodes[1][1]: one of lt, le, eq, ne, "gt"',
    ],
    [
      'another reduction',
      { nodes: [['gradient'], ['reduce', 'min', 'leaf', 0]] },
      'nodes[1][1]: one of sum, max, norm, "min"',
    ],
    ['another reach', { nodes: [['gradient'], ['reduce', 'sum', 'all', 0]] }, 'nodes[1][2]: one of'],
    [
      'polynomials of two numbers',
      { nodes: [['gradient'], ['const', 0], ['orthogonal', [[1, 2]], 'frobenius', 0, 1]] },
      'nodes[2][1][0][2]: a record, undefined',
    ],
    [
      'polynomials without end',
      { nodes: [['gradient'], ['const', 0], ['orthogonal', new Array(101).fill([1, 2, 3]), 'aol', 0, 1]] },
      'nodes[2][1]: at most 100 polynomials, 101',
    ],
    [
      'another preconditioning',
      { nodes: [['gradient'], ['const', 0], ['orthogonal', [[1, 2, 3]], 'svd', 0, 1]] },
      'nodes[2][2]: one of frobenius, spectral, aol, schatten, "svd"',
    ],
    [
      'a factor of a number',
      {
        nodes: [
          ['const', 0],
          ['orthogonal', [[1, 2, 3]], 'aol', 0, 0],
        ],
      },
      'nodes[1][3]: one per element, one per host',
    ],
    [
      'a product of two',
      { nodes: [['gradient'], ['product', 0, 0]] },
      'nodes[1]: 3 entries after "product", 2',
    ],
    [
      'a product with a number',
      {
        nodes: [['gradient'], ['const', 2], ['product', 0, 1, 0]],
      },
      'nodes[2][2]: one per element, one per host',
    ],
    [
      'a product of itself',
      { nodes: [['gradient'], ['product', 0, 0, 1]] },
      'nodes[1][3]: a whole number below 1, 1',
    ],
    ['another slot', { nodes: [['slot', 'mu']] }, 'nodes[0][1]: the name of a slot, "mu"'],
    ['another scalar', { nodes: [['scalar', 'lr']] }, 'update: scalars among none, lr'],
    ['no update', { update: 1 }, 'update: a whole number below 1, 1'],
    ['a scalar that is none', { scalars: { lr: 'x' } }, 'scalars.lr: a record, "x"'],
    [
      'a count without a clock',
      { scalars: { lr: { count: 0 } } },
      'scalars.lr: a number, since the rule has no clock, a term in the count',
    ],
    ['a schedule of gradients', { isTimed: true, scalars: { lr: { count: 0 } } }, 'one per element'],
    ['another scope', { slots: { mu: { scope: 'all', start: 0, next: 0 } } }, 'slots.mu.scope: one of'],
    [
      'a start of the gradient',
      { slots: { mu: { scope: 'element', start: 0, next: 0 } } },
      'slots.mu.start: numbers and the parameter, a gradient',
    ],
    [
      'a next value of more',
      { nodes: [['const', 0], ['gradient']], slots: { mu: { scope: 'tree', start: 0, next: 1 } } },
      'slots.mu.next: one per tree, or less, one per element',
    ],
    [
      'a name that is taken',
      { scalars: { g: 1 }, nodes: [['const', 0]], slots: { g: { scope: 'tree', start: 0, next: 0 } } },
      'another name, g',
    ],
  ])('of a rule: %s', (_, change, expected) => {
    expect(inRule(change)).toContain(expected)
  })
})

test('a deep term is no danger', () => {
  const deep = (n: number): unknown => ({
    nodes: [['gradient'], ...Array.from({ length: n }, (_, i) => ['neg', i])],
    scalars: {},
    isTimed: false,
    slots: {},
    extraArgs: [],
    update: n,
  })
  const read = fromDescription(call('chain', { $rule: deep(100) }))
  expect(read._tag).toBe('Right')
  expect(wrong(call('chain', { $rule: deep(100_000) }))).toContain('nodes: at most 20000 nodes, 100001')
  expect(wrong(call('chain', { $rule: deep(10_000) }))).toContain('nodes[1000]: terms at most 1000 deep')
})

describe('of whatever JSON there is, there is an answer', () => {
  const answers = (description: unknown): boolean => {
    const read = fromDescription(description)
    return read._tag === 'Right' || (read.left instanceof GradpipeError && read.left.path.startsWith('$'))
  }

  test('whatever it is', () => {
    fc.assert(fc.property(fc.jsonValue(), answers), asserting(300))
  })

  /** The places of a description, each as a list of keys. */
  const places = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
    typeof value !== 'object' || value === null
      ? [at]
      : [at, ...Object.entries(value).flatMap(([key, entry]) => places(entry, [...at, key]))]

  const withAt = (value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown => {
    if (key === undefined) return other
    if (Array.isArray(value))
      return value.map((entry, i) => (String(i) === key ? withAt(entry, rest, other) : entry))
    return Object.fromEntries(
      Object.entries(Object(value)).map(([name, entry]) => [
        name,
        name === key ? withAt(entry, rest, other) : entry,
      ]),
    )
  }

  const others = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.integer({ min: -2, max: 60 }),
    fc.constantFrom<unknown>(
      ...['__proto__', 'constructor', 'adam', 'gradient', 'mu', 'count', '$call', 'Infinity', ''],
      ...[{ $call: 'adam', args: [0.1] }, { $call: 'constantSchedule', args: [1] }, { $number: 'NaN' }],
      ...[['gradient'], ['neg', 0], ['slot', 'mu'], ['const', 1], ['scalar', 'b'], { $undefined: true }],
      JSON.parse('{ "__proto__": { "polluted": true } }'),
    ),
  )

  test('with another value somewhere in a description', () => {
    expect(wrong(valid)).toBe('nothing')
    fc.assert(
      fc.property(fc.constantFrom(...places(valid)), others, (at, other) =>
        answers(withAt(valid, at, other)),
      ),
      asserting(500),
    )
    expect({}).not.toHaveProperty('polluted')
  })
})
