import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, test } from 'vitest'
import { allKinds, catalogue, checkLaws, lawsOf } from '../../laws/index.js'
import { runsOf } from './backend.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

for (const row of catalogue)
  describe(row.call, () => {
    for (const law of lawsOf(row))
      test(`${law.name}: ${law.statement}`, () => {
        checkLaws(row.make(), [law], { kinds: allKinds, runs: runsOf(6) })
      })
  })
