/**
 * Runs printed modules on JAX, `npm run test:jax`: every row of the catalogue that travels, in float64 and float32, twenty
 * steps and through files both ways; some on eight devices, of one process and of two, and against Optax's own functions.
 * It fails where a number is off, and says NOT TESTED where there is no Python for it. `npm run test:jax -- adam` runs the
 * rows that have that word.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toOptax } from '../../src/export/index.js'
import type { Case } from './cases.js'
import { environment } from './environment.js'
import { checkpoints, modules, report, texts } from './onDevices.js'
import { json, judged, prepare, run, unformatted } from './rows.js'

/**
 * How far a number may be off, in parts of the largest of its step: a single number may nearly cancel. In float64: XLA fuses multiplications with additions and
 * adds in another order, and the twenty steps carry that on: 6.6e-13 was measured, of which another processor with other
 * vectors may make more. In float32 the same, in roundings of 2⁻²⁴: 235 were measured.
 */
const bounds: Readonly<Record<Case['dtype'], number>> = { float64: 4e-12, float32: 1024 * 2 ** -24 }

const main = async (): Promise<number> => {
  const found = environment('jax')
  if (found._tag === 'Missing') {
    console.log(`NOT TESTED: printed modules were not run on JAX: ${found.reason}`)
    return 0
  }
  const { python } = found
  const there = spawnSync(python, ['-c', 'import jax, optax; print(jax.__version__, optax.__version__)'], {
    encoding: 'utf8',
  })
  if (there.status !== 0) {
    console.log(`NOT TESTED: ${python} has no jax and optax`)
    return 0
  }
  console.log(`jax and optax ${there.stdout.trim()}`)
  const folder = mkdtempSync(join(tmpdir(), 'gradpipe-jax-'))
  const failures: string[] = []
  try {
    const kinds = (['float64', 'float32'] as const).map((dtype) => {
      const own = join(folder, dtype)
      return { dtype, folder: own, all: prepare(own, dtype, toOptax, process.argv[2] ?? '') }
    })
    const devices = join(folder, 'devices')
    mkdirSync(devices)
    for (const [name, data] of [...Object.entries(texts()), ...Object.entries(checkpoints())])
      writeFileSync(join(devices, name), data)
    writeFileSync(join(devices, 'modules.json'), JSON.stringify(modules))
    await Promise.all([
      ...kinds.map((kind) => run(python, 'driver.py', kind.folder)),
      run(python, 'sharded.py', devices),
      run(python, 'processes.py', devices),
    ])

    for (const { dtype, folder: own, all } of kinds)
      failures.push(...judged(own, dtype, all, bounds[dtype]).failures, ...unformatted(python, own, all))
    const processes = [0, 1].map((i) => json<number>(devices, `processes-${i}.json`))
    failures.push(...report({ sharded: json(devices, 'sharded.json'), processes }, console.log))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  for (const failure of failures) console.log(`failed: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

process.exitCode = await main()
