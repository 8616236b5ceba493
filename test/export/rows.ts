/** Rows of the catalogue that a script of Python has run: what they are given, and how far each is off. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { catalogue } from '../../laws/index.js'
import { decode, descriptionOf } from '../../src/checkpoint/index.js'
import type { toOptax } from '../../src/export/index.js'
import { type Case, type Prepared, prepared } from './cases.js'

/** What one case has come to. */
interface Outcome {
  readonly error?: string
  readonly worst: number
  readonly after: number
  readonly state: number
}

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
  [
    /^momo\(halving, \{ beta: 0.5, lowerBound: 3.7/,
    'float64',
    Infinity,
    'of a loss that stays the same, the bound falls or not by rounding: gradients that differ by 2⁻⁵⁰ halve the second step',
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
]

/** Runs a script of Python on a folder. */
export const run = (python: string, script: string, folder: string): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(python, [join(import.meta.dirname, script), folder], { stdio: 'inherit' })
    child.on('error', failed)
    child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`${script} ended with ${code}`))))
  })

/** What a script has written. */
export const json = <T>(folder: string, file: string): Readonly<Record<string, T>> =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Readonly<Record<string, T>>

/** Writes cases with their files, and what else the script has to know of each. */
export const write = (folder: string, all: readonly Prepared[], more: object = {}): void => {
  mkdirSync(folder, { recursive: true })
  for (const each of all) {
    writeFileSync(join(folder, each.case.module), each.text)
    writeFileSync(join(folder, each.case.file), each.checkpoint)
  }
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(all.map((each) => ({ ...each.case, ...more }))))
}

/** All that can travel of what rows have in their calls, prepared in a folder. */
export const prepare = (
  folder: string,
  dtype: Case['dtype'],
  print: typeof toOptax,
  asked: string,
): readonly Prepared[] => {
  const all = catalogue
    .filter(({ call }) => call.includes(asked))
    .flatMap((row): readonly Prepared[] => {
      try {
        return [prepared(row, dtype, print)]
      } catch {
        // the table of what travels says why not
        return []
      }
    })
  write(folder, all)
  return all
}

const numbersIn = (node: unknown): readonly number[] =>
  typeof node !== 'object' || node === null
    ? []
    : 'values' in node && Array.isArray(node.values)
      ? node.values.map(Number)
      : Object.values(node).flatMap(numbersIn)

/** The largest difference of two steps' updates, in parts of the largest number of them. */
const deviation = (own: unknown, expected: unknown): number => {
  const [a, b] = [numbersIn(own), numbersIn(expected)]
  const worst = Math.max(0, ...b.map((y, i) => (Object.is(a[i], y) ? 0 : Math.abs((a[i] ?? Number.NaN) - y))))
  const scale = Math.max(0, ...b.map((y) => (Number.isFinite(y) ? Math.abs(y) : 0)))
  return worst === 0 ? 0 : Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst / scale
}

/** What came back from Python, run on here: the largest difference from what this library alone has done. */
const returned = (folder: string, each: Prepared): number => {
  const { file, updates, half } = each.case
  const bytes = new Uint8Array(readFileSync(join(folder, `${file}.back`)))
  const belongs = descriptionOf(bytes)
  if (E.isLeft(belongs) || !isDeepStrictEqual(belongs.right, each.description))
    throw new Error(`${each.case.id}: ${file}.back belongs to ${JSON.stringify(belongs)}`)
  const point = decode(bytes, each.point)
  if (E.isLeft(point)) throw new Error(`${each.case.id}: ${point.left.message}`)
  const after = updates.slice(half)
  return Math.max(...each.resume(point.right).map((own, i) => deviation(own, after[i])))
}

export const inWords = (x: number): string => (x === 0 ? '0' : x.toExponential(1))

/** The worst of all rows but those whose numbers cancel: there, from a checkpoint on, and back here. */
export interface Worst {
  readonly there: number
  readonly resumed: number
  readonly back: number
}

/** What the rows of a folder have come to, and which failed. */
export const judged = (
  folder: string,
  dtype: Case['dtype'],
  all: readonly Prepared[],
  bound: number,
): { readonly worst: Worst; readonly failures: readonly string[] } => {
  const outcomes = json<Outcome>(folder, 'results.json')
  const failures: string[] = []
  const worst = { there: 0, resumed: 0, back: 0 }
  for (const each of all) {
    const outcome = outcomes[each.case.id]
    if (outcome === undefined || outcome.error !== undefined) {
      failures.push(`${each.case.id}: ${outcome?.error ?? 'no outcome'}`)
      continue
    }
    const back = returned(folder, each)
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
  return { worst, failures }
}

/** What black would write otherwise in every sixteenth module. */
export const unformatted = (python: string, folder: string, all: readonly Prepared[]): readonly string[] => {
  const checked = all.filter((_, i) => i % 16 === 0).map(({ case: { module } }) => join(folder, module))
  if (checked.length === 0) return []
  const { status, stdout, stderr } = spawnSync(
    python,
    ['-m', 'black', '--check', '--quiet', '--diff', ...checked],
    { encoding: 'utf8' },
  )
  return status === 1 && !stderr.includes('No module') ? [`black would write otherwise:\n${stdout}`] : []
}
