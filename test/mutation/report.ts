/**
 * Judges every mutant and writes docs/mutants.md: `npm run mutants`. Takes a minute or two: as many processes as there are
 * cores judge a factory each.
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { factories, type Judged, runs, seed, type Verdict } from './judge.js'
import { reasonOf } from './survivors.js'

const count = (verdicts: readonly Verdict[], is: (verdict: Verdict) => boolean): number =>
  verdicts.filter(is).length

const byBoth = ({ law, golden }: Verdict): boolean => law !== null && golden !== null
const byLaws = ({ law, golden }: Verdict): boolean => law !== null && golden === null
const byGoldens = ({ law, golden }: Verdict): boolean => law === null && golden !== null
const byNone = ({ law, golden }: Verdict): boolean => law === null && golden === null

const rowOf = (name: string, verdicts: readonly Verdict[]): string =>
  `| ${[name, verdicts.length, ...[byBoth, byLaws, byGoldens, byNone].map((is) => count(verdicts, is))].join(' | ')} |`

const cut = (text: string): string => (text.length > 110 ? `${text.slice(0, 107)}…` : text)

// the bars of a table's cells
const cell = (text: string): string => text.replaceAll('|', '\\|')

const named = (judged: readonly Judged[], is: (verdict: Verdict) => boolean): readonly string[] =>
  judged.flatMap(({ name, verdicts }) =>
    verdicts
      .filter(is)
      .map(
        ({ mutant }) =>
          `| ${name} | ${cell(cut(mutant))} | ${cell(reasonOf(name, mutant) ?? '**unexplained**')} |`,
      ),
  )

const table = (why: string, rows: readonly string[]): string =>
  rows.length === 0
    ? 'Nothing.'
    : `| factory | fault | ${why} |
|---|---|---|
${rows.join('\n')}`

const page = (judged: readonly Judged[]): string => {
  const all = judged.flatMap(({ verdicts }) => verdicts)
  const caught = count(all, ({ law }) => law !== null)
  return `---
title: What the tests catch
---

# Mutants

Do the laws bite? Rules are data, so faults can be made by the hundred: an operator swapped, an operand or a function
dropped, a constant changed, ε moved into the root or out of it, the count taken for t, a comparison or a branch
turned, a sum made a maximum, a leaf's norm made the tree's, a slot that never changes, that starts elsewhere, or that
is read a step late. Each mutant of each factory is tried on the laws that [the catalogue](laws.md) has for it
(float64, ${runs} cases each, seed ${seed}), and on the golden values of Optax. Written by \`npm run mutants\`.

The laws are those of the factory's own rows; laws of every transformation are not asked. The rules are those of all
steps, on a flat leaf and on a matrix of two rows and three columns: where the host chooses by its count
(\`multiSteps\`, \`sam\`, \`applyEvery\`), each choice has its faults. What a matrix alone has, in its rows, columns and
products, is tried on laws of arrays with a shape. Where singular vectors need ordinary code (\`galore\`), the rules for
flat leaves are judged, and the code is not. Nor is judged what is no rule of a transformation: numbers that the host
keeps (\`multiSteps\`' counters), the optimizer inside \`scaleByGalore\`; and wrappers that have the rules of their members
(\`masked\`, \`partition\`, \`flatten\` …). Their laws and goldens are held as any others'. \`lookahead\` steps pairs, and
shows no rule: its rules are judged with the slow parameters in the state, by laws alone.

**${all.length} mutants: the laws alone catch ${caught}, the goldens alone ${count(all, ({ golden }) => golden !== null)}, both together ${all.length - count(all, byNone)}; ${count(all, byNone)} survive.**

| factory | mutants | caught by both | by laws only | by goldens only | survive |
|---|---|---|---|---|---|
${judged.map(({ name, verdicts }) => rowOf(name, verdicts)).join('\n')}
${rowOf('all', all)}

## What only the goldens catch

${table('why no law does', named(judged, byGoldens))}

## Survivors

${table('why it cannot be caught', named(judged, byNone))}
`
}

/** Gives a process one factory after the other, until there are none left. */
const judging = (waiting: string[], judged: Map<string, Judged>): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = fork(new URL('worker.ts', import.meta.url))
    const next = (): void => {
      const name = waiting.shift()
      if (name !== undefined) worker.send(name)
      else worker.disconnect()
    }
    // what the worker sends
    worker.on('message', (message: Judged) => {
      judged.set(message.name, message)
      const { name, verdicts, seconds } = message
      console.log(
        `${name}: ${verdicts.length} mutants, ${count(verdicts, byNone)} survive (${seconds.toFixed(0)} s)`,
      )
      next()
    })
    worker.on('error', reject)
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a process that judges ended with ${code}`)),
    )
    next()
  })

const main = async (): Promise<void> => {
  const [waiting, judged] = [[...factories], new Map<string, Judged>()]
  await Promise.all(Array.from({ length: availableParallelism() }, () => judging(waiting, judged)))
  const inOrder = factories.flatMap((name) => judged.get(name) ?? [])
  writeFileSync(new URL('../../docs/mutants.md', import.meta.url), page(inOrder))
}

void main()
