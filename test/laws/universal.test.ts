import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, test } from 'vitest'
import { catalogue, checkLaws, type Kind, type TxLaw, universalLaws } from '../../laws/index.js'
import { inTurn, isLong, trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** One row per factory; all of them where there is time. */
const rows = isLong
  ? catalogue
  : catalogue.filter(({ name }, i) => catalogue.findIndex((row) => row.name === name) === i)

/** The kinds of leaves that a law is tried on: without `CI` every third, and other ones for the next law and row. */
const kindsOf = (kinds: readonly Kind[], law: TxLaw, at: number): readonly Kind[] =>
  inTurn(
    kinds.filter((kind) => law.kinds.includes(kind)),
    at,
    3,
  )

describe.each(rows.map((row, i) => [row.call, row, i] as const))('%s', (_, { make, kinds }, row) => {
  for (const [i, law] of universalLaws.entries())
    test(`${law.name}: ${law.statement}`, () =>
      checkLaws(make(), [law], { kinds: kindsOf(kinds, law, row + i), ...trying(3) }))
})
