/**
 * `npm run bench`: optimizers side by side, gradpipe as it is built. In one process the peers take turns, round after round; a table has the
 * medians of a step's time, what a step allocates, and whether the targets are met.
 *
 *     npm run bench -- --quick --only 1e6,mlp --rule adam --json results.json --picture results.svg
 *
 * `--python` adds peers in Python (`PYTHON` names the interpreter), `--webgpu` rows of Dawn in Node, `--chromium`
 * rows of threads in a page; `--no-wasm` leaves out what runs without any of them. Read ratios, not times: machines
 * differ, and so do runs.
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
import { chosen, unknown } from './chosen.js'
import { chromium } from './chromium.js'
import { layouts, webgpuLayouts } from './layouts.js'
import { limits } from './limit.js'
import { machine } from './machine.js'
import { openCopy } from './peers/copy.js'
import { donated, pure, unfused } from './peers/gradpipe.js'
import { jax } from './peers/jax.js'
import { ops } from './peers/ops.js'
import { asOptimizer, train } from './peers/variables.js'
import { draw } from './picture.js'
import { python } from './python.js'
import type { Result } from './result.js'
import { ruleNames } from './rules.js'
import { type Plan, run } from './run.js'
import { resultsText } from './table.js'
import { targets } from './targets.js'
import { verdicts, verdictText } from './verdict.js'
import { webgpu } from './webgpu.js'

const { values: given } = parseArgs({
  options: {
    json: { type: 'string' },
    picture: { type: 'string' },
    only: { type: 'string' },
    rule: { type: 'string' },
    quick: { type: 'boolean', default: false },
    python: { type: 'boolean', default: false },
    webgpu: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
    wasm: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

const say = (line: string): void => console.error(line)

const common = {
  rules: chosen(ruleNames, (name) => name, given.rule),
  ...(given.quick
    ? { rounds: 2, pace: { warmUp: 30, turn: 30, reading: 0.2 } }
    : { rounds: 5, pace: { warmUp: 100, turn: 100, reading: 0.2 } }),
  say,
}

const onWasm = async (): Promise<Plan> => {
  await tf.setBackend('wasm')
  return {
    ...common,
    runtime: 'node, wasm',
    layouts: chosen(layouts, ({ name }) => name, given.only),
    peers: [donated, pure, unfused, asOptimizer, ops, train, await jax()],
    copy: openCopy,
  }
}

for (const [what, names, asked] of [
  ['rule', ruleNames, given.rule],
  ['layout', [...layouts, ...webgpuLayouts].map(({ name }) => name), given.only],
] as const) {
  const wrong = unknown(names, asked)
  if (wrong.length > 0) throw new Error(`no ${what} ${wrong.join(', ')}: there are ${names.join(', ')}`)
}

const main = async (): Promise<void> => {
  const plan = await onWasm()
  const results: Result[] = []
  if (given.wasm) results.push(...(await run(plan)))
  if (given.python) results.push(...(await python(plan)))
  if (given.webgpu) results.push(...(await webgpu({ ...common, only: given.only }, say)))
  if (given.chromium)
    results.push(
      ...(await chromium({ ...plan, layouts: plan.layouts.filter(({ name }) => /^1e/.test(name)) })),
    )
  results.push(...limits(results))

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
