/** Optimizers of matrices on WASM: what a step costs beside its products of matrices alone, and beside operations. */
import { type Layout, layouts } from '../layouts.js'
import type { Part } from '../part.js'
import { donated, unfused } from '../peers/gradpipe.js'
import { quotient, type Target } from '../target.js'
import { inProcess } from '../worker.js'

/** The runtime of these rows. */
export const runtime = 'matrices, node, wasm'

/** What is stepped, and how many milliseconds a step takes, as a mean over peers. */
export interface Problem {
  readonly rule: 'muon' | 'adafactor'
  readonly layout: Layout
  readonly ms: number
}

const matricesOf = (name: string): Layout => ({
  name,
  shapes: layouts.flatMap((each) =>
    each.name === name ? each.shapes.filter(({ length }) => length === 2) : [],
  ),
})

/** All of them. */
export const problems: readonly Problem[] = [
  {
    rule: 'muon',
    layout: { name: '100 of 64x64', shapes: Array.from({ length: 100 }, () => [64, 64]) },
    ms: 100,
  },
  { rule: 'muon', layout: matricesOf('transformer'), ms: 1200 },
  { rule: 'adafactor', layout: { name: '1024x1024', shapes: [[1024, 1024]] }, ms: 10 },
]

/** The products of Muon's iterations, one by one. */
export const products = 'matMul alone'

/** How often each takes its turn, and how many steps that are. */
export const rounds = 2
export const steps = 3

/** Three peers at most, and a round to warm up. */
export const part: Part = {
  name: 'matrices',
  ms: 3000 + problems.reduce((sum, { ms }) => sum + 3 * ms * (1 + rounds) * steps, 0),
  run: async (report) => inProcess(new URL('./main.ts', import.meta.url), null, report),
}

const against = (peer: string, rule: Problem['rule'], goals: Target['goals']): Target => ({
  text: `${rule}: ${donated.name} against ${peer}, ${runtime}`,
  runtime,
  bound: 'at least',
  unit: '×',
  figure: (find, layout) => quotient(find(peer, rule, layout), find(donated.name, rule, layout)),
  goals,
})

/** What a step is to cost. */
export const matrixTargets: readonly Target[] = [
  // at most 1.15 times as long
  against(products, 'muon', { transformer: 1 / 1.15 }),
  against(unfused.name, 'muon', { '100 of 64x64': 4 }),
]
