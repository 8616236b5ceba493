import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, test } from 'vitest'
import { catalogue, checkLaws, type Kind, type TxLaw } from '../../laws/index.js'
import { inTurn, trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** The kinds of leaves that a row's law is tried on: without `CI` every second, and the others for the next law and row. */
const kindsOf = (kinds: readonly Kind[], law: TxLaw, at: number): readonly Kind[] =>
  inTurn(
    kinds.filter((kind) => law.kinds.includes(kind)),
    at,
    2,
  )

describe.each(catalogue.map((row, i) => [row.call, row, i] as const))(
  '%s',
  (_, { make, laws, kinds }, row) => {
    for (const [i, law] of laws.entries())
      test(`${law.name}: ${law.statement}`, () =>
        checkLaws(make(), [law], { kinds: kindsOf(kinds, law, row + i), ...trying(6) }))
  },
)
