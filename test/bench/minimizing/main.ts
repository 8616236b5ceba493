/** The process that measures one problem, solved by one contender. */
import { median, turn } from '../measure.js'
import type { Result } from '../result.js'
import { answer } from '../worker.js'
import { type Question, runtime } from './minimizing.js'
import { problems } from './problems.js'

answer<Question>(async ({ problem: name, contender, pace }) => {
  const problem = problems.find((each) => each.name === name)
  if (problem === undefined) throw new Error(`no problem ${name}`)
  const before = performance.now()
  const step = problem.open[contender]()
  step()
  const first = performance.now() - before
  const times = await turn(
    { prepare: () => {}, step, params: () => Promise.resolve([]), close: () => {} },
    pace,
  )
  const result = (layout: string, ms: number, readings: readonly number[]): Result => ({
    runtime,
    peer: contender,
    rule: problem.rule,
    layout,
    ms,
    least: Math.min(...readings),
    readings: readings.length,
  })
  // what is compiled counts in the first one
  return [result(`${name}, first`, first, [first]), result(name, median(times), times)]
})
