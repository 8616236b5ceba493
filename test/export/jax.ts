/**
 * Runs printed modules on JAX, `npm run test:jax`: every row of the catalogue that travels, in float64 and float32, twenty
 * steps and through files both ways; some on eight devices, of one process and of two, and against Optax's own functions.
 * It fails where a number is off, and says NOT TESTED where there is no Python for it. `npm run test:jax -- adam` runs the
 * rows that have that word.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { catalogue } from '../../laws/index.js'
import { decode } from '../../src/checkpoint/index.js'
import { toOptax } from '../../src/export/index.js'
import { type Case, type Prepared, prepared } from './cases.js'
import { environment } from './environment.js'
import { checkpoints, modules, report, texts } from './onDevices.js'

/** What rows have in their calls. */
const asked = process.argv[2] ?? ''

/** What one case has come to. */
interface Outcome {
  readonly error?: string
  readonly worst: number
  readonly after: number
  readonly state: number
}

/**
 * How far a number may be off, in parts of the largest of its leaf. In float64: XLA fuses multiplications with additions and
 * adds in another order, and the twenty steps carry that on: 6.6e-13 was measured, of which another processor with other
 * vectors may make more. In float32 the same, in roundings of 2⁻²⁴: 235 were measured.
 */
const bounds: Readonly<Record<Case['dtype'], number>> = { float64: 4e-12, float32: 1024 * 2 ** -24 }

/**
 * Rows whose numbers cancel, by their calls: what is left has fewer digits than the numbers that it comes from, whoever
 * subtracts them.
 */
const cancelling: readonly (readonly [call: RegExp, dtype: Case['dtype'], bound: number, why: string])[] = [
  [
    /^(scaleByStddev|rmsprop)\(.*biasCorrection: true/,
    'float64',
    2 ** -24,
    'the first variance is 0 but for rounding',
  ],
  [
    /^(scaleByStddev|rmsprop)\(.*biasCorrection: true/,
    'float32',
    Infinity,
    'the first variance is 0 but for rounding',
  ],
  [/^momo(Adam)?\(halving/, 'float64', 1e-10, 'products of gradients and parameters cancel in the loss'],
  [
    /^momo\(1, \{ lowerBound: 4 \}/,
    'float64',
    Infinity,
    'the loss is the bound: their difference is 0 but for rounding',
  ],
  [
    /^momo\(1, \{ lowerBound: 4 \}/,
    'float32',
    Infinity,
    'the loss is the bound: their difference is 0 but for rounding',
  ],
  // as in the laws: float32 has no digit left here, and golden values hold it
  [/^momo(Adam)?\(halving/, 'float32', Infinity, 'products of gradients and parameters cancel in the loss'],
  // the way to z, c(z − y) = 0.4, and the base's step are the same but for 8.2e-4: one rounding of z = 14 and of y = 9 before
  // is 2.4e-4 of it, and float32 here is itself 1.0e-4 off float64. Without jit nothing is fused, and the numbers are equal
  [
    /^scheduleFreeAdamw\(bumpy/,
    'float32',
    2 ** -11,
    'in the 13th step, a scalar’s way to z and its step cancel but for 1 part in 500',
  ],
]

/** Runs a script of Python on a folder. */
const run = (python: string, script: string, folder: string): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(python, [join(import.meta.dirname, script), folder], { stdio: 'inherit' })
    child.on('error', failed)
    child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`${script} ended with ${code}`))))
  })

const json = <T>(folder: string, file: string): Readonly<Record<string, T>> =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Readonly<Record<string, T>>

/** All that can travel, prepared in a folder. */
const prepare = (folder: string, dtype: Case['dtype']): readonly Prepared[] => {
  mkdirSync(folder, { recursive: true })
  const all = catalogue
    .filter(({ call }) => call.includes(asked))
    .flatMap((row): readonly Prepared[] => {
      try {
        return [prepared(row, dtype, toOptax)]
      } catch {
        // the table of what travels says why not
        return []
      }
    })
  for (const each of all) {
    writeFileSync(join(folder, each.case.module), each.text)
    writeFileSync(join(folder, each.case.file), each.checkpoint)
  }
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(all.map((each) => each.case)))
  return all
}

const numbersIn = (tree: unknown): readonly number[][] => {
  const found: number[][] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('values' in node && Array.isArray(node.values)) found.push(node.values.map(Number))
    else Object.values(node).forEach(visit)
  }
  visit(tree)
  return found
}

/** The largest difference of written trees, of each leaf in parts of its largest number. */
const deviation = (own: unknown, expected: unknown): number => {
  const [a, b] = [numbersIn(own), numbersIn(expected)]
  const each = b.map((leaf, i) => {
    const differences = leaf.map((y, j) => {
      const x = a[i]?.[j]
      return Object.is(x, y) || x === y ? 0 : Math.abs((x ?? Number.NaN) - y)
    })
    const scale = Math.max(...leaf.map((y) => (Number.isFinite(y) ? Math.abs(y) : 0)))
    return differences.every((d) => d === 0) ? 0 : Math.max(...differences.map((d) => d / scale))
  })
  return Math.max(0, ...each.map((d) => (Number.isNaN(d) ? Number.POSITIVE_INFINITY : d)))
}

/** What came back from Python, run on here: the largest difference from what this library alone has done. */
const returned = (folder: string, each: Prepared): number => {
  const { file, updates, half } = each.case
  const bytes = new Uint8Array(readFileSync(join(folder, `${file}.back`)))
  const point = decode(bytes, each.point)
  if (E.isLeft(point)) throw new Error(`${each.case.id}: ${point.left.message}`)
  return deviation(each.resume(point.right), updates.slice(half))
}

const inWords = (x: number): string => (x === 0 ? '0' : x.toExponential(1))

const main = async (): Promise<number> => {
  const found = environment()
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
      return { dtype, folder: own, all: prepare(own, dtype) }
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

    for (const { dtype, folder: at, all } of kinds) {
      const outcomes = json<Outcome>(at, 'results.json')
      const bound = bounds[dtype]
      const worst = { there: 0, resumed: 0, back: 0 }
      for (const each of all) {
        const outcome = outcomes[each.case.id]
        if (outcome === undefined || outcome.error !== undefined) {
          failures.push(`${each.case.id}: ${outcome?.error ?? 'no outcome'}`)
          continue
        }
        const back = returned(at, each)
        const most = Math.max(outcome.worst, outcome.after, outcome.state, back)
        const own = cancelling.find(([call, of]) => of === dtype && call.test(each.row.call))
        if (own !== undefined) console.log(`${each.case.id}: off by ${inWords(most)}: ${own[3]}`)
        if (!(most <= (own?.[2] ?? bound)))
          failures.push(
            `${each.case.id}: off by ${inWords(outcome.worst)}, resumed there ${inWords(outcome.after)}, state ${inWords(outcome.state)}, back here ${inWords(back)}`,
          )
        else if (own === undefined) {
          worst.there = Math.max(worst.there, outcome.worst)
          worst.resumed = Math.max(worst.resumed, outcome.after)
          worst.back = Math.max(worst.back, back)
        }
      }
      console.log(
        `${dtype}: ${all.length} of ${catalogue.length} rows; off by ${inWords(worst.there)} at most, ${inWords(worst.resumed)} from a checkpoint on, ${inWords(worst.back)} back here (allowed ${inWords(bound)})`,
      )
    }
    const processes = [0, 1].map((i) => json<number>(devices, `processes-${i}.json`))
    failures.push(...report({ sharded: json(devices, 'sharded.json'), processes }, console.log))

    // black reads a module as its own
    const checked = kinds.flatMap(({ folder: own, all }) =>
      all.filter((_, i) => i % 16 === 0).map(({ case: { module } }) => join(own, module)),
    )
    const black = spawnSync(python, ['-m', 'black', '--check', '--quiet', '--diff', ...checked], {
      encoding: 'utf8',
    })
    if (black.status === 1 && !black.stderr.includes('No module'))
      failures.push(`black would write otherwise:\n${black.stdout}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  for (const failure of failures) console.log(`failed: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

process.exitCode = await main()
