/**
 * What every test file finds, whatever the one before it in the same process has left: the backend that runs anywhere, and
 * drawn cases that are the same each time, unless somebody asks for new ones.
 */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import * as fc from 'fast-check'
import { isLong } from './laws/runs.js'

await tf.setBackend('cpu')
if (!isLong) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20 })
