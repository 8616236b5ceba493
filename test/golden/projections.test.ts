/** Every golden projection, on every kind of leaves and every backend that runs in Node. */
import '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { projections } from '../../src/index.js'
import { backends, tensorsIn, useBackend } from '../backends.js'
import {
  assertAgreement,
  camel,
  compare,
  decode,
  encode,
  type GoldenLeaf,
  isGoldenLeaf,
  type Json,
  type Kind,
  kinds,
  readGoldens,
  tensor,
} from './golden.js'

interface GoldenProjection {
  readonly name: string
  readonly config: Readonly<Record<string, Json>>
  readonly args: readonly (GoldenLeaf | number)[]
  readonly value: GoldenLeaf
  readonly f32_dev: number
}

const goldens = readGoldens<{ readonly projections: readonly GoldenProjection[] }>('optax_losses').projections
const functions: Readonly<Record<string, unknown>> = projections

type Ground = readonly [on: string, kind: Kind, backend: (typeof backends)[number]]

const grounds: readonly Ground[] = kinds.flatMap((kind): readonly Ground[] =>
  kind === tensor
    ? backends.map((backend): Ground => [`tensors on ${backend}`, kind, backend])
    : [[kind.name, kind, 'cpu']],
)

describe.each(grounds)('on %s', (on, kind, backend) => {
  test.each(goldens.map((golden, i) => [golden.name, golden.config, i, golden] as const))(
    '%s(%j), case %i, is where Optax projects to, and leaves nothing behind',
    async (name, config, _, { args, value, f32_dev }) => {
      await useBackend(backend)
      const project = functions[camel(name)]
      if (typeof project !== 'function') throw new Error(`there is no projection ${camel(name)}`)
      const before = tf.memory().numTensors
      const given = args.map((arg) => (isGoldenLeaf(arg) ? encode(kind, decode(arg)) : arg))
      // the options of a projection are named in the order in which they come
      const result: unknown = project(...given, ...Object.values(config))
      const differences = compare('value', value, result, kind.tolerance(f32_dev))
      tf.dispose([...tensorsIn(given), ...tensorsIn(result)])
      expect(tf.memory().numTensors - before).toBe(0)
      assertAgreement(`${name} on ${on}`, differences)
    },
  )
})

test('every projection has a golden case', () => {
  const called = new Set(goldens.map(({ name }) => camel(name)))
  expect(Object.keys(projections).filter((name) => !called.has(name))).toEqual([])
  expect(goldens.length).toBe(24)
})
