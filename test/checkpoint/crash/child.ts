/** Saves two states in turn to the path in its arguments, until it is killed. Says so after the first one. */
import * as E from 'fp-ts/lib/Either.js'
import { save } from '../../../src/checkpoint/index.js'
import { stateOf } from './states.js'

const path = process.argv[2] ?? ''
const states = [stateOf(0), stateOf(1)]
for (let i = 0; ; i++) {
  const saved = await save(path, states[i % 2])()
  if (E.isLeft(saved)) throw new Error(saved.left.message)
  if (i === 0) process.stdout.write('saving\n')
}
