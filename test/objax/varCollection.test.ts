import { inspect } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import * as objax from '../../src/objax/index.js'
import { numbers, tensorsLeft } from '../backends.js'

await tf.setBackend('cpu')

const { BaseState, RandomState, StateVar, TrainRef, TrainVar, VarCollection } = objax
const { Renamer } = objax.util

const a = new TrainVar(tf.tensor1d([1, 2]))
const b = new TrainVar(tf.tensor1d([3, 4]))
const s = new StateVar(tf.scalar(5))
const ref = new TrainRef(b)
const rng = new RandomState(0)
const vc = new VarCollection({ a, s, b, again: a, ref, rng })

describe('construction', () => {
  test('a record, entries and a collection give the same', () => {
    const all = [
      vc,
      new VarCollection(vc),
      new VarCollection(vc.entries()),
      new VarCollection([...vc.entries()]),
    ]
    expect(all.map((each) => [...each.keys()])).toEqual(Array(4).fill(['a', 's', 'b', 'again', 'ref', 'rng']))
    expect(new VarCollection().size).toBe(0)
  })

  test('two variables of one name are refused, the same one twice is not', () => {
    const duplicate = expect.objectContaining({ _tag: 'DuplicateName' })
    expect(
      () =>
        new VarCollection([
          ['a', a],
          ['a', b],
        ] as const),
    ).toThrow(duplicate)
    expect(() => new VarCollection({ a }).set('a', b)).toThrow(duplicate)
    expect(
      new VarCollection([
        ['a', a],
        ['a', a],
      ] as const).set('a', a).size,
    ).toBe(1)
  })

  test('a refused update adds nothing, and names all conflicts', () => {
    const own = new VarCollection({ z: a, a })
    expect(() => own.update({ z: b, new: b, a: b })).toThrow(
      /one variable for each name, given two of 'a', 'z'/,
    )
    expect([...own.keys()]).toEqual(['z', 'a'])
  })

  test('what is no variable is refused, and nothing is added', () => {
    const own = new VarCollection({ a })
    expect(() => own.update({ b, n: 3 as never })).toThrow(/VarCollection\.n: expected a variable, given 3/)
    expect([...own.keys()]).toEqual(['a'])
  })

  test('add makes a new collection', () => {
    const own = new VarCollection({ a })
    expect([...own.add({ b }).keys()]).toEqual(['a', 'b'])
    expect(own.size).toBe(1)
  })

  test('a name of an object prototype is a name like any other', () => {
    expect(new VarCollection({ a }).get('toString')).toBeUndefined()
    expect(new VarCollection([['__proto__', a]]).get('__proto__')).toBe(a)
  })
})

describe('reading', () => {
  test('iteration visits each variable once, values once for each name', () => {
    expect([...vc]).toEqual([a, s, b, ref, rng])
    expect([...vc.values()]).toEqual([a, s, b, a, ref, rng])
    expect([vc.size, vc.has('again'), vc.get('again'), vc.get('none')]).toEqual([6, true, a, undefined])
  })

  test('tensors are the values of iteration, or those of some classes', () => {
    expect(vc.tensors()).toEqual([a.value, s.value, b.value, b.value, rng.value])
    expect(vc.tensors(TrainVar)).toEqual([a.value, b.value])
    expect(vc.tensors([RandomState, TrainRef])).toEqual([b.value, rng.value])
  })

  test('subset keeps names and order', () => {
    const names = (each: objax.VarCollection) => [...each.keys()]
    expect(names(vc.subset(TrainVar))).toEqual(['a', 'b', 'again'])
    expect(names(vc.subset(null, TrainVar))).toEqual(['s', 'ref', 'rng'])
    expect(names(vc.subset(BaseState, [RandomState, TrainRef]))).toEqual(['s'])
    expect(names(vc.subset([TrainRef, TrainVar], []))).toEqual(['a', 'b', 'again', 'ref'])
  })

  test('subset of nothing is empty, as in Objax', () => {
    expect(vc.subset().size).toBe(0)
  })
})

describe('assign', () => {
  test('gives each variable its tensor, and frees the old ones', () => {
    const own = new VarCollection({ x: new TrainVar(tf.zeros([2])), y: new StateVar(tf.zeros([])) })
    expect(tensorsLeft(() => own.assign([tf.ones([2]), tf.scalar(3)]))).toBe(0)
    expect(own.tensors().map(numbers)).toEqual([[1, 1], [3]])
  })

  test('the values of a collection may be assigned to itself, in another order too', () => {
    const own = new VarCollection({ x: new TrainVar(tf.tensor1d([1])), y: new TrainVar(tf.tensor1d([2])) })
    const before = own.tensors()
    own.assign(before)
    expect(own.tensors().every((t, i) => t === before[i])).toBe(true)
    expect(tensorsLeft(() => own.assign(own.tensors().reverse()))).toBe(0)
    expect(own.tensors().map(numbers)).toEqual([[2], [1]])
  })

  test('the values of one model may be assigned to another, which then live apart', () => {
    const [from, to] = [new objax.nn.Linear(2, 3), new objax.nn.Linear(2, 3)]
    to.vars().assign(from.vars().tensors())
    const before = numbers(to.w.value)
    from.w.assign(tf.zeros([2, 3]))
    expect(numbers(to.w.value)).toEqual(before)
  })

  test.each([
    ['too many', [tf.zeros([2]), tf.zeros([]), tf.zeros([2])], 'InvalidArgument'],
    ['another shape', [tf.zeros([2]), tf.zeros([1])], 'ShapeMismatch'],
    ['a disposed one', [tf.zeros([2]), tf.tidy(() => ({ gone: tf.scalar(0) })).gone], 'Disposed'],
    ['no tensor', [tf.zeros([2]), 3], 'InvalidLeaf'],
  ])('%s: nothing has changed, not even which tensors there are', (what, tensors, _tag) => {
    if (what === 'a disposed one') tf.dispose(tensors[1])
    const own = new VarCollection({ x: new TrainVar(tf.ones([2])), y: new StateVar(tf.ones([])) })
    const before = own.tensors()
    expect(() => own.assign(tensors as tf.Tensor[])).toThrow(expect.objectContaining({ _tag }))
    expect(own.tensors()).toEqual(before)
    expect(tf.dispose(tensors as tf.Tensor[])).toBeUndefined()
    expect(own.tensors().map(numbers)).toEqual([[1, 1], [1]])
  })
})

describe('rename', () => {
  const names = (rules: objax.util.RenameRules, options?: ConstructorParameters<typeof Renamer>[1]) => [
    ...new VarCollection({ '(Net).a.b': a, b }).rename(new Renamer(rules, options)).keys(),
  ]

  test('texts are replaced in one pass, whatever they mean in a pattern', () => {
    expect(names({ '.': 'b', b: '.' })).toEqual(['(Net)bab.', '.'])
    expect(names({ '(Net)': '' })).toEqual(['.a.b', 'b'])
    expect(names({})).toEqual(['(Net).a.b', 'b'])
  })

  test('patterns are replaced one after the other, everywhere', () => {
    expect(
      names([
        [/\./, '_'],
        [/_a/g, '<$&>'],
      ]),
    ).toEqual(['(Net)<_a>_b', 'b'])
  })

  test('a function is a rule, another renamer goes on', () => {
    expect(names((name) => `${name}!`, { chain: new Renamer({ '!': '?' }) })).toEqual(['(Net).a.b?', 'b?'])
    expect([...vc.rename((name) => name.toUpperCase()).keys()][0]).toBe('A')
  })

  test('a name for two variables is refused, where Objax loses one', () => {
    expect(() => names(() => 'same')).toThrow(expect.objectContaining({ _tag: 'DuplicateName' }))
  })
})

describe('printing', () => {
  test('a line for each name, and the totals', () => {
    const lines = [
      'a                           2 (2,)',
      's                           1 ()',
      'b                           2 (2,)',
      'again                       2 (2,)',
      'ref                         2 (2,)',
      'rng                         2 (2,)',
      '+Total(6)                  11',
    ]
    expect(String(vc)).toBe(lines.join('\n'))
    expect(inspect(vc)).toBe(lines.join('\n'))
  })

  test('an empty collection is a total', () => {
    expect(String(new VarCollection())).toBe('+Total(0)                   0')
  })

  test('a long name makes the column wide, up to a limit', () => {
    const long = new VarCollection({ a: s, ['x'.repeat(120)]: new StateVar(tf.zeros([0, 3])) })
    expect(String(long).split('\n')).toEqual([
      `a${' '.repeat(99)}        1 ()`,
      `${'x'.repeat(120)}        0 (0, 3)`,
      `+Total(2)${' '.repeat(91)}        1`,
    ])
    expect(long.toString(30).split('\n')[0]).toBe(`a${' '.repeat(29)}        1 ()`)
  })
})

test('dispose frees what the variables own, and not what references refer to', () => {
  const v = new TrainVar(tf.zeros([2]))
  const own = new VarCollection({
    ref: new TrainRef(v),
    s: new StateVar(tf.zeros([2])),
    two: new StateVar(tf.zeros([])),
  })
  expect(tensorsLeft(() => own.dispose())).toBe(-2)
  expect(numbers(v.value)).toEqual([0, 0])
})
