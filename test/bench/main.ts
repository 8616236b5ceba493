/**
 * `npm run bench`: whole training steps, and those of optimizers alone, side by side, gradpipe as it is built. In one
 * process the peers take turns, round after round; tables have the medians of a step's time, what a step allocates, and
 * whether the targets are met.
 *
 *     npm run bench -- --full --no-training --only 1e6,mlp --rule adam --json results.json --picture results.svg
 *
 * It says at the start how long it will take. `--full` measures all networks on the slow backend, all layouts and
 * rules, and longer; `--quick` is rough and soon over. `--python` adds peers in Python (`PYTHON` names the
 * interpreter), `--webgpu` rows of Dawn in Node, `--chromium` training on webgl and webgpu, and rows of webgl
 * and of threads, in pages.
 * `--no-training` leaves out the training, `--no-optimizers` the optimizers alone; `--no-wasm` leaves out what runs
 * without any of the others, `--no-cpu` the rows of the cpu backend, `--no-tiny` those of tiny models, `--no-minimizing` whole minimizations, `--no-arrays` those of typed arrays. `--write` puts the tables of whole steps into docs/speed.md. Read ratios, not times: machines differ, and so do runs.
 *
 * A training step's time is that from a batch to the next weights and the loss; an optimizer's is that from parameters, state and gradients to the next parameters and state, with all that is
 * replaced freed within it, for every peer: `tf.train` and jax-js free what they replace by themselves, gradpipe
 * does so when its inputs are donated, and for the others `dispose` is called. The gradients are there before.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { tolerance } from './agreement.js'
import { arrays } from './arrays.js'
import { chosen, unknown } from './chosen.js'
import { chromium } from './chromium.js'
import { cpu } from './cpu.js'
import type { Extent } from './expected.js'
import {
  arrayLayouts,
  cpuLayouts,
  type Layout,
  layouts,
  usualLayouts,
  usualWebgpuLayouts,
  webglLayouts,
  webgpuLayouts,
} from './layouts.js'
import { limits } from './limit.js'
import { machine } from './machine.js'
import { minimizing } from './minimizing/minimizing.js'
import type { Part } from './part.js'
import { draw } from './picture.js'
import { inWords, progress } from './progress.js'
import { python } from './python.js'
import type { Result } from './result.js'
import { ruleNames, usualRules } from './rules.js'
import { withTables } from './steps/document.js'
import type { StepPace } from './steps/run.js'
import { training, trainingInChromium, trainingInPython } from './steps/steps.js'
import { stepsText } from './steps/table.js'
import { resultsText } from './table.js'
import { targets } from './targets.js'
import { tiny } from './tiny/tiny.js'
import { verdicts, verdictText } from './verdict.js'
import { wasm } from './wasm.js'
import { webgl } from './webgl.js'
import { webgpu } from './webgpu.js'

const { values: given } = parseArgs({
  options: {
    json: { type: 'string' },
    picture: { type: 'string' },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    rule: { type: 'string' },
    full: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    python: { type: 'boolean', default: false },
    webgpu: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
    wasm: { type: 'boolean', default: true },
    cpu: { type: 'boolean', default: true },
    tiny: { type: 'boolean', default: true },
    minimizing: { type: 'boolean', default: true },
    arrays: { type: 'boolean', default: true },
    training: { type: 'boolean', default: true },
    optimizers: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

for (const [what, names, asked] of [
  ['rule', ruleNames, given.rule],
  [
    'layout',
    [...layouts, ...cpuLayouts, ...webgpuLayouts, ...webglLayouts, ...arrayLayouts].map(({ name }) => name),
    given.only,
  ],
] as const) {
  const wrong = unknown(names, asked)
  if (wrong.length > 0) throw new Error(`no ${what} ${wrong.join(', ')}: there are ${names.join(', ')}`)
}

/** What is asked for by name; else what is usual, or with `--full` everything. */
const asked = (all: readonly Layout[], usual: readonly Layout[]): readonly Layout[] =>
  chosen(given.full || given.only !== undefined ? all : usual, ({ name }) => name, given.only)

const extent: Extent = {
  layouts: asked(layouts, usualLayouts),
  rules: given.full || given.rule !== undefined ? chosen(ruleNames, (name) => name, given.rule) : usualRules,
  ...(given.full
    ? { rounds: 5, pace: { warmUp: 100, turn: 100, reading: 0.2 } }
    : { rounds: 2, pace: { warmUp: 30, turn: 30, reading: 0.2 } }),
}

const stepPace: StepPace = given.quick
  ? { rounds: 2, opening: 300, pace: { warmUp: 100, turn: 100 }, enough: 1 }
  : {
      rounds: given.full ? 4 : 3,
      opening: 400,
      pace: { warmUp: 100, turn: given.full ? 400 : 150 },
      enough: given.full ? 2 : 1,
    }

const ofTraining: readonly Part[] = [
  ...(given.wasm ? [training({ ...stepPace, full: given.full })] : []),
  ...(given.python ? [trainingInPython(stepPace)] : []),
  ...(given.chromium ? trainingInChromium(stepPace) : []),
]

const ofOptimizers: readonly Part[] = [
  ...(given.wasm ? wasm(extent) : []),
  ...(given.cpu ? cpu({ ...extent, layouts: asked(cpuLayouts, cpuLayouts) }) : []),
  ...(given.tiny ? tiny(given.full ? 7 : 1) : []),
  ...(given.minimizing
    ? minimizing(given.full ? 7 : given.quick ? 1 : 3, { warmUp: 1000, turn: 200, reading: 0.2 })
    : []),
  ...(given.arrays ? arrays({ ...extent, layouts: asked(arrayLayouts, arrayLayouts) }) : []),
  ...(given.python ? [python(extent)] : []),
  ...(given.webgpu ? [webgpu({ ...extent, layouts: asked(webgpuLayouts, usualWebgpuLayouts) })] : []),
  ...(given.chromium
    ? [
        chromium({ ...extent, layouts: extent.layouts.filter(({ name }) => /^1e/.test(name)) }),
        webgl({ ...extent, layouts: asked(webglLayouts, webglLayouts) }),
      ]
    : []),
]

const parts = [...(given.training ? ofTraining : []), ...(given.optimizers ? ofOptimizers : [])]

/** Milliseconds that `npm run build` has taken before this. */
const building = 10_000

const main = async (): Promise<void> => {
  const total = parts.reduce((sum, { ms }) => sum + ms, 0)
  console.error(
    `This takes about ${inWords(building + total)} where nothing else runs, the build before it included.`,
  )
  const shown = progress(total)
  const results: Result[] = []
  for (const { name, run } of parts) {
    shown.begin(name)
    results.push(...(await run(shown)))
  }
  shown.stop()
  results.push(...limits(results))

  const where = machine()
  const judged = verdicts(targets, results)
  const alone = results.filter(({ runtime }) => runtime !== 'training')
  const text = [
    '# Measured',
    where,
    ...(given.training ? ['## Whole training steps', stepsText(results)] : []),
    resultsText(alone),
    '## Targets',
    verdictText(judged),
  ]
  console.log(text.filter((part) => part !== '').join('\n\n'))
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ machine: where, results, verdicts: judged }, null, 2)}\n`)
  if (given.write) {
    const page = new URL('../../docs/speed.md', import.meta.url)
    writeFileSync(page, withTables(readFileSync(page, 'utf8'), `${where}.\n\n${stepsText(results)}`))
  }
  if (given.picture !== undefined)
    writeFileSync(given.picture, await draw(alone, 'Milliseconds of a step, by optimizer and tensors'))

  const apart = results.filter(
    ({ rule, parameters, difference = 0 }) => !(difference <= tolerance(rule, parameters)),
  )
  for (const { peer, rule, layout, difference } of apart)
    console.error(`${peer} computes ${rule} on ${layout} otherwise: by ${difference}`)
  if (apart.length > 0) process.exitCode = 1
}

await main().catch((error: unknown) => {
  // uncaught it would be printed with a line of the backend's minified source, which is very long
  console.error(error)
  process.exitCode = 1
})
