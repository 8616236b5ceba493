/**
 * `npm run bench`: optimizers side by side. In one process the peers take turns, round after round; a table has the
 * medians of a step's time, what a step allocates, and whether the targets are met.
 *
 *     npm run bench -- --quick --only 1e6,mlp --rule adam --json results.json --picture results.svg
 *
 * A step's time is that from parameters, state and gradients to the next parameters and state, with all that is
 * replaced freed within it, for every peer: `tf.train` and jax-js free what they replace by themselves, gradpipe
 * does so when its inputs are donated, and for the others `dispose` is called. The gradients are there before.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
import { tolerance } from './agreement.js'
import { layouts } from './layouts.js'
import { limits } from './limit.js'
import { machine } from './machine.js'
import { openCopy } from './peers/copy.js'
import { donated, pure, unfused } from './peers/gradpipe.js'
import { jax } from './peers/jax.js'
import { ops } from './peers/ops.js'
import { train } from './peers/train.js'
import { draw } from './picture.js'
import { python } from './python.js'
import type { Result } from './result.js'
import { ruleNames } from './rules.js'
import { type Plan, run } from './run.js'
import { resultsText } from './table.js'
import { targets } from './targets.js'
import { verdicts, verdictText } from './verdict.js'

const { values: given } = parseArgs({
  options: {
    json: { type: 'string' },
    picture: { type: 'string' },
    only: { type: 'string' },
    rule: { type: 'string' },
    quick: { type: 'boolean', default: false },
    python: { type: 'boolean', default: false },
  },
})

/** Those of all that are asked for, by name. */
const chosen = <A>(all: readonly A[], nameOf: (a: A) => string, asked: string | undefined): readonly A[] => {
  if (asked === undefined) return all
  const names = asked.split(',')
  const unknown = names.filter((name) => !all.some((a) => nameOf(a) === name))
  if (unknown.length > 0)
    throw new Error(`there is no ${unknown.join(', ')}: choose from ${all.map(nameOf).join(', ')}`)
  return all.filter((a) => names.includes(nameOf(a)))
}

const say = (line: string): void => console.error(line)

const common = {
  rules: chosen(ruleNames, (name) => name, given.rule),
  ...(given.quick
    ? { rounds: 2, pace: { warmUp: 30, turn: 30 } }
    : { rounds: 5, pace: { warmUp: 100, turn: 100 } }),
  say,
}

const onWasm = async (): Promise<Plan> => {
  await tf.setBackend('wasm')
  return {
    ...common,
    runtime: 'node, wasm',
    layouts: chosen(layouts, ({ name }) => name, given.only),
    peers: [donated, pure, unfused, ops, train, await jax()],
    copy: openCopy,
  }
}

const main = async (): Promise<void> => {
  const plan = await onWasm()
  const results: Result[] = [...(await run(plan))]
  results.push(...limits(results))
  if (given.python) results.push(...(await python(plan)))

  const where = machine()
  const judged = verdicts(targets, results)
  console.log(
    ['# Steps of optimizers', where, resultsText(results), '## Targets', verdictText(judged)].join('\n\n'),
  )
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ machine: where, results, verdicts: judged }, null, 2)}\n`)
  if (given.picture !== undefined)
    writeFileSync(given.picture, await draw(results, 'Milliseconds of a step, by optimizer and tensors'))

  const apart = results.filter(
    ({ rule, parameters, difference = 0 }) => !(difference <= tolerance(rule, parameters)),
  )
  for (const { peer, rule, layout, difference } of apart)
    say(`${peer} computes ${rule} on ${layout} otherwise: by ${difference} of the change`)
  if (apart.length > 0) process.exitCode = 1
}

await main().catch((error: unknown) => {
  // uncaught it would be printed with a line of the backend's minified source, which is very long
  console.error(error)
  process.exitCode = 1
})
