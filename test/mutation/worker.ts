/** A process that judges the factories whose names it is sent, and sends back what became of their mutants. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { judge } from './judge.js'

const main = async (): Promise<void> => {
  await tf.setBackend('cpu')
  process.on('message', (name: string) => process.send?.(judge(name)))
}

void main()
