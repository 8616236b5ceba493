/**
 * Donation against a model: whatever is cloned, shared, stepped, donated, disposed and moved between backends, all
 * that is alive holds the numbers that a model on arrays holds, and nothing else is alive.
 */
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dispose, fromRule, GradpipeError, kernelStatistics, step, sum, zeros } from '../../src/index.js'
import { numbers, tensorsIn, useBackend } from '../backends.js'
import { asserting } from '../laws/runs.js'

// the rule, and the same on arrays

const tx = fromRule({
  slots: { m: zeros },
  scalars: {},
  step: ({ g, m }) => {
    // momentum, divided by a count: a reduction makes a step of two passes
    const next = m.mul(0.5).add(g.div(sum(g.sign().abs(), 'tree').add(1)))
    return { update: next.neg(), m: next }
  },
})

interface Tree {
  readonly a: Float32Array
  readonly b: Float32Array
}

interface Trained {
  readonly params: Tree
  readonly m: Tree
}

const f = Math.fround

const mapTree = (of: (each: 'a' | 'b') => Float32Array): Tree => ({ a: of('a'), b: of('b') })

const stepped = ({ params, m }: Trained, g: Tree): Trained => {
  const divisor = 1 + [...g.a, ...g.b].filter((x) => x !== 0).length
  const next = mapTree((k) => m[k].map((x, i) => f(f(x * 0.5) + f((g[k][i] ?? 0) / divisor))))
  return { params: mapTree((k) => params[k].map((x, i) => f(x - (next[k][i] ?? 0)))), m: next }
}

// the model and the real thing

interface Model {
  readonly trained: Trained[]
  readonly clones: Float32Array[]
}

type Tensors = { readonly a: tf.Tensor; readonly b: tf.Tensor }

interface Real {
  readonly trained: { readonly params: Tensors; readonly state: ReturnType<typeof tx.init> }[]
  readonly clones: tf.Tensor[]
  readonly numTensors: number
}

const arrays = ({ params, m }: Trained): readonly Float32Array[] => [params.a, params.b, m.a, m.b]

const pick = <A>(from: readonly A[], index: number): A => {
  const found = from[index % from.length]
  if (found === undefined) throw new Error('a command was run on nothing')
  return found
}

const tensorsOf = (tree: Tree): Tensors => ({ a: tf.tensor1d(tree.a), b: tf.tensor1d(tree.b) })

/** Everything that is alive is as it is in the model. */
const alike = (model: Model, real: Real): void => {
  expect(real.trained.map((each) => tensorsIn(each).map(numbers))).toEqual(
    model.trained.map((each) => arrays(each).map((array) => [...array])),
  )
  expect(real.clones.map(numbers)).toEqual(model.clones.map((array) => [...array]))
  expect(tf.memory().numTensors - real.numTensors).toBe(4 * real.trained.length + real.clones.length)
}

type Command = fc.AsyncCommand<Model, Real>

const command = (
  name: string,
  run: (model: Model, real: Real) => void | Promise<void>,
  check: (model: Readonly<Model>) => boolean = ({ trained }) => trained.length > 0,
): Command => ({
  check,
  run: async (model, real) => {
    await run(model, real)
    alike(model, real)
  },
  toString: () => name,
})

// commands

const tree = fc
  .tuple(...Array.from({ length: 7 }, () => fc.integer({ min: -8, max: 8 })))
  .map((drawn): Tree => ({ a: Float32Array.from(drawn.slice(0, 5)), b: Float32Array.from(drawn.slice(5)) }))

const which = fc.nat(20)

const start = tree.map((params) =>
  command(
    `start ${params.a} ${params.b}`,
    (model, real) => {
      const made = tensorsOf(params)
      real.trained.push({ params: made, state: tx.init(made) })
      model.trained.push({ params, m: mapTree((k) => params[k].map(() => 0)) })
    },
    ({ trained }) => trained.length < 4,
  ),
)

const stepOf = (donate: boolean): fc.Arbitrary<Command> =>
  fc.tuple(which, tree).map(([i, g]) =>
    command(`${donate ? 'donate' : 'step'} ${i}: ${g.a} ${g.b}`, (model, real) => {
      const [one, grads] = [pick(real.trained, i), tensorsOf(g)]
      const [params, state] = step(tx, { donate })(one.params, one.state, grads)
      expect(tensorsIn([one, grads]).every(({ isDisposed }) => isDisposed === donate)).toBe(true)
      if (!donate) dispose(one, grads)
      real.trained[i % real.trained.length] = { params, state }
      model.trained[i % model.trained.length] = stepped(pick(model.trained, i), g)
    }),
  )

/** Parameters are their own gradients: the same handles. */
const follow = which.map((i) =>
  command(`donate ${i}, its own gradient`, (model, real) => {
    const { params: old, state: before } = pick(real.trained, i)
    const [params, state] = step(tx, { donate: true })(old, before, old)
    real.trained[i % real.trained.length] = { params, state }
    const one = pick(model.trained, i)
    model.trained[i % model.trained.length] = stepped(one, one.params)
  }),
)

const clone = fc.tuple(which, which, fc.boolean()).map(([i, j, isView]) =>
  command(`${isView ? 'view' : 'clone'} ${i}, ${j % 4}`, (model, real) => {
    const tensor = pick(tensorsIn(pick(real.trained, i)), j)
    real.clones.push(isView ? tf.reshape(tensor, tensor.shape) : tensor.clone())
    model.clones.push(pick(arrays(pick(model.trained, i)), j).slice())
  }),
)

/** A second training that starts from the memory of the first. */
const share = which.map((i) =>
  command(
    `share ${i}`,
    (model, real) => {
      const again = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, tensor.shape)
      const [a, b, ma, mb] = tensorsIn(pick(real.trained, i)).map(again)
      if (!(a && b && ma && mb)) throw new Error('two leaves, each with a slot')
      real.trained.push({ params: { a, b }, state: { m: { a: ma, b: mb } } })
      model.trained.push(pick(model.trained, i))
    },
    ({ trained }) => trained.length > 0 && trained.length < 4,
  ),
)

const disposeTrained = which.map((i) =>
  command(`dispose ${i}`, (model, real) => {
    dispose(real.trained.splice(i % real.trained.length, 1))
    model.trained.splice(i % model.trained.length, 1)
  }),
)

const disposeClone = which.map((i) =>
  command(
    `dispose clone ${i}`,
    (model, real) => {
      dispose(real.clones.splice(i % real.clones.length, 1))
      model.clones.splice(i % model.clones.length, 1)
    },
    ({ clones }) => clones.length > 0,
  ),
)

const fail = which.map((i) =>
  command(`donate ${i} with a disposed gradient`, (_, real) => {
    const { params, state } = pick(real.trained, i)
    const grads = { a: tf.zeros([5]), b: tf.zeros([2]) }
    grads.b.dispose()
    expect(() => step(tx, { donate: true })(params, state, grads)).toThrow(GradpipeError)
    dispose(grads)
  }),
)

const move = fc.constantFrom('cpu' as const, 'wasm' as const).map((to) =>
  command(
    `to ${to}`,
    () => useBackend(to),
    () => true,
  ),
)

test('no clone ever changes, and nothing is left, whatever is stepped, donated, shared and moved', async () => {
  const { fallbacks } = kernelStatistics()
  await fc.assert(
    fc.asyncProperty(
      fc.commands(
        [
          ...[start, stepOf(false), stepOf(true), stepOf(true), follow],
          ...[clone, share, disposeTrained, disposeClone, fail, move],
        ],
        { maxCommands: 40, size: 'max' },
      ),
      async (commands) => {
        await useBackend('wasm')
        const real: Real = { trained: [], clones: [], numTensors: tf.memory().numTensors }
        const model: Model = { trained: [], clones: [] }
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands)
        } finally {
          dispose(real)
        }
        expect(tf.memory().numTensors).toBe(real.numTensors)
      },
    ),
    asserting(300),
  )
  expect(kernelStatistics().fallbacks).toBe(fallbacks)
}, 120_000)
