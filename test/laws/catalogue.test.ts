import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, test } from 'vitest'
import { catalogue, checkLaws } from '../../laws/index.js'
import { trying } from './runs.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe.each(catalogue.map((row) => [row.call, row] as const))('%s', (_, { make, laws, kinds }) => {
  for (const law of laws)
    test(`${law.name}: ${law.statement}`, () => checkLaws(make(), [law], { kinds, ...trying(6) }))
})
