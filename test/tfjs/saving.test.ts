/** A model that was saved with its optimizer goes on to the same next step, bit for bit. */
import { execFileSync } from 'node:child_process'
import * as tf from '@tensorflow/tfjs'
import { adam, chain, clipByGlobalNorm, sgd } from 'gradpipe'
import { toOptimizer } from 'gradpipe/tfjs'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends, useBackend } from '../backends.js'
import { dense, fit, recurrent, tasks, weightsOf } from './models.js'

const loss = 'categoricalCrossentropy'

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  test.each(tasks.filter(({ on }) => on.includes(backend)))(
    '$name goes on in the same process, and nothing is left of it',
    async (task) => {
      const { numTensors } = tf.memory()
      const data = task.data()
      const tx = chain(
        clipByGlobalNorm(1),
        adam((count) => 0.01 / (1 + count / 7)),
      )
      const model = task.model()
      model.compile({ optimizer: toOptimizer(tx), loss })
      await fit(model, data, 2)
      let artifacts: tf.io.ModelArtifacts | undefined
      await model.save(
        tf.io.withSaveHandler(async (saved) => {
          artifacts = saved
          return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
        }),
        { includeOptimizer: true },
      )
      if (artifacts === undefined) throw new Error('nothing was saved')
      await fit(model, data, 2)
      const expected = weightsOf(model)
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
      expect(loaded.getWeights()[0]?.name).not.toBe(model.getWeights()[0]?.name)
      await fit(loaded, data, 2)
      expect(weightsOf(loaded)).toEqual(expected)
      expect(loaded.optimizer.iterations).toBe(model.optimizer.iterations)
      for (const each of [model, loaded]) {
        each.optimizer.dispose()
        each.dispose()
      }
      tf.dispose([data.x, data.y])
      expect(tf.memory().numTensors).toBe(numTensors)
    },
  )
})
