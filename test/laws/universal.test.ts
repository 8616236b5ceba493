import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, test } from 'vitest'
import { catalogue, checkLaws, universalLaws } from '../../laws/index.js'
import { isLong, trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** One row per factory; all of them where there is time. */
const rows = isLong
  ? catalogue
  : catalogue.filter(({ name }, i) => catalogue.findIndex((row) => row.name === name) === i)

describe.each(rows.map((row) => [row.call, row] as const))('%s', (_, { make, kinds }) => {
  for (const law of universalLaws)
    test(`${law.name}: ${law.statement}`, () => checkLaws(make(), [law], { kinds, ...trying(3) }))
})
