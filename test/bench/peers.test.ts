import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../backends.js'
import { difference, paramsAfter, tolerance } from './agreement.js'
import { allocation } from './allocation.js'
import { type Layout, parametersOf } from './layouts.js'
import { type Peer, problem } from './peer.js'
import { arrayPeers } from './peers/arrays.js'
import { openCopy } from './peers/copy.js'
import { donated, pure, unfused } from './peers/gradpipe.js'
import { jax } from './peers/jax.js'
import { ops } from './peers/ops.js'
import { asOptimizer, train } from './peers/variables.js'
import { ruleNames } from './rules.js'

const layout: Layout = { name: 'small', shapes: [[3, 5], [1], [103], []] }

describe('the peers of the bench', () => {
  beforeAll(() => useBackend('wasm'))

  it.each(ruleNames)('compute the same with %s, and leave no tensor behind', async (rule) => {
    const given = problem(rule, layout)
    const before = tf.memory().numTensors
    const first = pure.open(given)
    const reference = first && (await paramsAfter(first, 4))
    first?.close()
    const peers: readonly Peer[] = [donated, unfused, asOptimizer, ops, train, await jax()]
    const agreeing: string[] = []
    for (const peer of peers) {
      const session = peer.open(given)
      if (session === undefined) continue
      const params = await paramsAfter(session, 4)
      session.close()
      const apart = difference(given.params, reference ?? [], params)
      expect(apart, peer.name).toBeLessThan(tolerance(rule, parametersOf(layout)))
      agreeing.push(peer.name)
    }
    const trained = ['sgd', 'momentum', 'adam'].includes(rule)
    expect(agreeing).toEqual(peers.filter((p) => trained || p !== train).map(({ name }) => name))
    // tf.train.momentum, when it is disposed, forgets a scalar
    expect(tf.memory().numTensors).toBe(before + (rule === 'momentum' ? 1 : 0))
  })

  it('allocate nothing where their inputs are donated, and else what they return', async () => {
    const counts = async (peer: Peer) => {
      const session = peer.open(problem('adam', layout))
      if (session === undefined) throw new Error('no session')
      await paramsAfter(session, 2)
      const counted = await allocation(session)
      session.close()
      return counted
    }
    const [n, leaves] = [parametersOf(layout), layout.shapes.length]
    expect(await counts(donated)).toMatchObject({ buffers: 0, bytes: 0, heap: 0 })
    expect(await counts(pure)).toMatchObject({ buffers: 3 * leaves, bytes: 3 * 4 * n, heap: 0 })
    expect(await counts(ops)).toMatchObject({ kernels: 14 * leaves })
    expect(await counts(train)).toMatchObject({ kernels: 14 * leaves + 4 })
  })

  it.each(['Float32Array', 'Float64Array'] as const)(
    'compute the same on numbers and a %s',
    async (floats) => {
      const given = problem('adam', layout)
      const after = await Promise.all(
        arrayPeers(floats).map(async ({ open }) => {
          const session = open(given)
          return session === undefined ? [] : paramsAfter(session, 4)
        }),
      )
      expect(after).toHaveLength(3)
      for (const params of after)
        expect(difference(given.params, after[0] ?? [], params)).toBeLessThan(tolerance('adam'))
    },
  )

  it('are held against a copy within the memory of the backend', () => {
    const copy = openCopy(layout)
    expect(copy).toBeDefined()
    copy?.step()
    copy?.close()
  })
})
