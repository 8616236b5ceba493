/** Injected hyperparameters travel: of their function it is told where it puts each. */
import { describe, expect, test } from 'vitest'
import {
  type AnyTransformation,
  adam,
  adamw,
  chain,
  clip,
  type Description,
  describe as described,
  fromDescription,
  type GradientTransformation,
  type GradpipeError,
  injectHyperparams,
  linearSchedule,
  multiSteps,
  sgd,
  step,
} from '../../src/index.js'

type Rates = Readonly<Record<'learningRate' | 'b1', number>>

const whole = (): GradientTransformation<unknown> =>
  chain(
    clip(1),
    injectHyperparams(({ learningRate, b1 }: Rates) =>
      chain(
        adamw(linearSchedule({ initValue: learningRate, endValue: 0, transitionSteps: 5 }), { b1, b2: 0.5 }),
        sgd(0.5),
      ),
    )({ learningRate: linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 9 }), b1: 0.5 }),
  )

const right = <A>(
  either:
    | { readonly _tag: 'Left'; readonly left: GradpipeError }
    | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (either._tag === 'Left') throw either.left
  return either.right
}

const leftOf = (tx: AnyTransformation): string => {
  const made = described(tx)
  return made._tag === 'Left' ? made.left.message : 'nothing'
}

const sent = (tx: AnyTransformation): Description => JSON.parse(JSON.stringify(right(described(tx))))

/** An optimizer of one hyperparameter. */
const by = (inner: (rate: number) => GradientTransformation<unknown>, rate = 0.25) =>
  injectHyperparams(({ rate: own }: { readonly rate: number }) => inner(own))({ rate })

test('a description has the call, and in it the names of hyperparameters', () => {
  expect(
    sent(
      injectHyperparams((h: Rates) => adam(h.learningRate, { b1: h.b1, b2: 0.25 }))({
        learningRate: 0.25,
        b1: 0.25,
      }),
    ),
  ).toEqual({
    gradpipe: 1,
    $call: 'injectHyperparams',
    args: [
      {
        $inner: {
          $call: 'adam',
          args: [{ $hyperparameter: 'learningRate' }, { b1: { $hyperparameter: 'b1' }, b2: 0.25 }],
        },
      },
      { learningRate: 0.25, b1: 0.25 },
    ],
  })
})

test('what is made of it makes the same steps, bit for bit, and is described likewise', () => {
  const tx = whole()
  const read = right(fromDescription(sent(tx)))
  const walked = (own: GradientTransformation<unknown>): unknown => {
    let [params, state] = [{ w: Float32Array.of(1, -2) }, own.init({ w: Float32Array.of(1, -2) })]
    for (let i = 1; i <= 12; i++)
      [params, state] = step(own)(params, state, { w: Float32Array.of(Math.sin(i), 1 / i) })
    return { params, state }
  }
  expect(walked(read)).toEqual(walked(tx))
  expect(sent(read)).toEqual(sent(tx))
})

test('a hyperparameter that the state was given counts, as it does here', () => {
  const read = right(fromDescription(sent(by((rate) => sgd(rate))))) as ReturnType<typeof by>
  const state = read.init(0)
  expect(read.update(1, { ...state, hyperparams: { rate: 3 } })[0]).toBe(-3)
})

test('zero, infinity and what nothing is made of are hyperparameters too', () => {
  for (const value of [0, Number.POSITIVE_INFINITY])
    expect(JSON.stringify(sent(by((rate) => clip(rate + 0), value)))).toContain('{"$hyperparameter":"rate"}')
  expect(JSON.stringify(sent(by(() => sgd(1))))).not.toContain('$hyperparameter')
})

describe('a function is refused, with its place, that', () => {
  const expected = '$.args[0]: expected a function that hands hyperparameters on'
  test.each<readonly [string, AnyTransformation, string]>([
    ['computes', by((rate) => sgd(rate * rate)), `${expected}, given one that computes with rate`],
    ['bounds', by((rate) => sgd(Math.max(rate, 0.2))), `${expected}, given one that computes with rate`],
    [
      'puts it there at times',
      by((rate) => sgd(rate > 0.3 ? rate : 0.25)),
      `${expected}, given one that computes with rate`,
    ],
    [
      'makes something else',
      by((rate) => (rate > 1 ? clip(1) : sgd(rate))),
      `${expected}, given one that computes with rate`,
    ],
    [
      'makes more',
      by((rate) => (rate > 1 ? sgd(rate) : sgd(rate, { momentum: 0.5 }))),
      `${expected}, given one that computes with rate`,
    ],
    [
      'puts two where one is',
      injectHyperparams((h: Rates) => sgd(Math.max(h.learningRate, h.b1)))({ learningRate: 0.5, b1: 0.5 }),
      `${expected}, given one that computes with learningRate`,
    ],
    [
      'takes one value only',
      by((every) => multiSteps(sgd(1), every), 1),
      '$.args[0]: expected a function that takes other values of rate, given one for 1',
    ],
    [
      'makes what holds functions',
      by((rate) => sgd(() => rate)),
      '$.args[0].args[0]: expected data, or what a function of gradpipe makes of data, given a function',
    ],
    [
      'injects again',
      by((rate) => by(() => sgd(rate))),
      '$.args[0]: expected what is made without injectHyperparams, given injectHyperparams in another',
    ],
  ])('%s', (_, tx, message) => {
    expect(leftOf(tx)).toBe(message)
  })
})

describe('a description from elsewhere is refused that', () => {
  const wrong = (...args: readonly unknown[]): string => {
    const read = fromDescription({ gradpipe: 1, $call: 'injectHyperparams', args })
    return read._tag === 'Left' ? read.left.message : 'nothing'
  }
  const inner = { $inner: { $call: 'sgd', args: [{ $hyperparameter: 'rate' }] } }

  test('is right is not', () => {
    expect(wrong(inner, { rate: 1 })).toBe('nothing')
  })

  test.each<readonly [string, readonly unknown[], string]>([
    [
      'names what there is not',
      [inner, { other: 1 }],
      'the name of a hyperparameter of injectHyperparams, given "rate"',
    ],
    [
      'names what every object has',
      [{ $inner: { $call: 'sgd', args: [{ $hyperparameter: 'toString' }] } }, { rate: 1 }],
      'given "toString"',
    ],
    ['has no function', [{ rate: 1 }], '$.args[0]'],
    ['has a transformation in its place', [{ $call: 'sgd', args: [1] }, { rate: 1 }], '$.args[0]'],
    ['has no hyperparameters', [inner], '$: expected'],
    [
      'has a word in the place of a number',
      [inner, { rate: 'fast' }],
      '$.args[1].rate: expected injectHyperparams.rate: a number or a schedule',
    ],
    ['makes no transformation', [{ $inner: 3 }, { rate: 1 }], 'injectHyperparams.inner'],
    ['makes what is out of range', [inner, { rate: null }], '$.args[1].rate'],
    [
      'injects in another',
      [{ $inner: { $call: 'injectHyperparams', args: [inner, { rate: 1 }] } }, { rate: 1 }],
      'a description without injectHyperparams in another',
    ],
    ['has one argument more', [inner, { rate: 1 }, 2], '$.args: expected at most 2 arguments'],
  ])('%s', (_, args, message) => {
    expect(wrong(...args)).toContain(message)
  })

  test('has a function elsewhere', () => {
    const read = fromDescription({ gradpipe: 1, $call: 'sgd', args: [inner] })
    expect(read._tag === 'Left' && read.left.message).toBe(
      '$.args[0].$inner: expected a word of descriptions, given "$inner"',
    )
    const loose = fromDescription({ gradpipe: 1, $call: 'sgd', args: [{ $hyperparameter: 'rate' }] })
    expect(loose._tag === 'Left' && loose.left.path).toBe('$.args[0].$hyperparameter')
  })
})
