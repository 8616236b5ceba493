/**
 * Runs printed optimizers on PyTorch, `npm run test:torch`: every row of the catalogue that travels, in float64 and float32,
 * twenty steps and through files and `state_dict`; some compiled by torch, some on leaves of many sizes, some on two and four processes, and AdamW against
 * torch's own for its speed. It writes what it has found into torch.json, and fails where a number is off.
 *
 * torch takes several GB, so that CI does not run this; it fails when the texts are others than those that were run.
 * `npm run test:torch -- adam` runs the rows that have that word, and writes nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toTorch } from '../../src/export/index.js'
import { adamw } from '../../src/index.js'
import type { Case, Prepared } from './cases.js'
import { environment } from './environment.js'
import { fileOf, optimizers, params } from './onDevices.js'
import { inWords, json, judged, prepare, run, unformatted, type Worst, write } from './rows.js'
import { checksum, type Kept, keptFile } from './torchTexts.js'

/**
 * How far a number may be off, in parts of the largest of its leaf. Sums are added in another order, in float32 to a few
 * roundings of 2⁻²⁴ that further steps carry on: 8.0e-6 was measured.
 */
const bounds: Readonly<Record<'float64' | 'float32' | 'compiled', number>> = {
  float64: 1e-12,
  float32: 512 * 2 ** -24,
  compiled: 512 * 2 ** -24,
}

/** Rows that are compiled: C++ takes its time. */
const compiled = new Set([
  'adamw(0.1, { weightDecay: 0.25 })',
  'lamb(0.1, { weightDecay: 0.25 })',
  'multiSteps(sgd(0.5), 3)',
  'prodigy()',
  'normuon(0.1)',
  'sm3(0.1)',
  'came(0.1, { weightDecay: 0.25, b1: 0.75, clippingThreshold: 0.5 })',
])

/** What several processes, float64 and sums in another order, may make of six steps. */
const TOGETHER = 1e-13

interface Rows {
  readonly name: keyof typeof bounds
  readonly dtype: Case['dtype']
  readonly folder: string
  readonly all: readonly Prepared[]
}

/** How far the processes were off, by how they train together; and what failed. */
const together = (
  folder: string,
): { readonly worst: Record<string, number>; readonly failures: string[] } => {
  const worst: Record<string, number> = {}
  const failures: string[] = []
  for (const world of [2, 4])
    for (const [name, found] of Object.entries(
      json<Record<string, Record<string, number> | string>>(folder, `sharded-${world}.json`),
    ))
      for (const [how, outcome] of Object.entries(found)) {
        const most = typeof outcome === 'string' ? Infinity : Math.max(...Object.values(outcome))
        if (!(most <= TOGETHER)) failures.push(`${name}, ${how}: ${JSON.stringify(outcome)}`)
        worst[how] = Math.max(worst[how] ?? 0, most)
      }
  return { worst, failures }
}

const main = async (): Promise<number> => {
  const asked = process.argv[2] ?? ''
  const found = environment('torch')
  if (found._tag === 'Missing') {
    console.log(`NOT TESTED: printed modules were not run on PyTorch: ${found.reason}`)
    return 0
  }
  const { python } = found
  const folder = mkdtempSync(join(tmpdir(), 'gradpipe-torch-'))
  const failures: string[] = []
  try {
    const kinds = (['float64', 'float32'] as const).map((dtype): Rows => {
      const own = join(folder, dtype)
      return { name: dtype, dtype, folder: own, all: prepare(own, dtype, toTorch, asked) }
    })
    const ofCompiled = join(folder, 'compiled')
    const all = kinds.flatMap((kind) =>
      kind.dtype === 'float32' ? kind.all.filter(({ row }) => compiled.has(row.call)) : [],
    )
    write(ofCompiled, all, { compiled: true })
    kinds.push({ name: 'compiled', dtype: 'float32', folder: ofCompiled, all })
    const worst: Record<string, Worst> = {}
    for (const { name, folder: own, dtype, all: rows } of kinds) {
      console.log(name)
      await run(python, 'torchDriver.py', own)
      const outcome = judged(own, dtype, rows, bounds[name])
      failures.push(...outcome.failures, ...unformatted(python, own, rows))
      worst[name] = outcome.worst
    }
    if (asked === '') {
      const [rows] = kinds
      const texts = Object.fromEntries((rows?.all ?? []).map(({ row, text }) => [row.call, checksum(text)]))
      const devices = join(folder, 'devices')
      mkdirSync(devices)
      const modules = Object.entries(optimizers).map(
        ([name, [tx]]) => [name, toTorch(tx, params, { steps: 40 })] as const,
      )
      for (const [name, text] of modules) writeFileSync(join(devices, fileOf(name)), text)
      const list = (some: typeof modules): void =>
        writeFileSync(
          join(devices, 'modules.json'),
          JSON.stringify(Object.fromEntries(some.map(([name]) => [name, fileOf(name)]))),
        )
      list(modules)
      await run(python, 'torchSharded.py', devices)
      const { worst: processes, failures: failed } = together(devices)
      failures.push(...failed)
      for (const [how, most] of Object.entries(processes))
        console.log(`${how} processes: ${inWords(most)} from one that trains alone`)
      // those that do the same for every leaf
      list(modules.filter(([, text]) => !text.includes('is no parameter that this was printed for')))
      await run(python, 'torchBlocks.py', devices)
      const blocks = json<number>(devices, 'blocks.json')
      failures.push(
        ...Object.entries(blocks).flatMap(([name, most]) =>
          most <= TOGETHER ? [] : [`${name}, in blocks: ${most}`],
        ),
      )
      console.log(`in blocks: ${inWords(Math.max(...Object.values(blocks)))} from leaf by leaf`)
      writeFileSync(join(devices, 'adamw.py'), toTorch(adamw(1e-3), params))
      await run(python, 'torchSpeed.py', devices)
      const { versions = {}, speed = {} } = json<Readonly<Record<string, never>>>(devices, 'speed.json')
      console.log(speed)
      const kept: Kept = { versions, rows: worst, processes, speed, texts }
      if (failures.length === 0) writeFileSync(keptFile, `${JSON.stringify(kept, null, 2)}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  for (const failure of failures) console.log(`failed: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

process.exitCode = await main()
