/** The process that measures steps on arrays. */
import { type Question, runtimeOf } from './arrays.js'
import { arrayPeers } from './peers/arrays.js'
import { run } from './run.js'
import { answer } from './worker.js'

answer<Question>(({ floats, ...extent }, report) =>
  run({ ...extent, runtime: runtimeOf(floats), peers: arrayPeers(floats), copy: () => undefined, report }),
)
