/** Runs peers side by side on one problem after the other. */

import { difference, paramsAfter } from './agreement.js'
import { type Allocation, allocation } from './allocation.js'
import { type Extent, paceOf, turnTime } from './expected.js'
import { type Layout, parametersOf } from './layouts.js'
import { median, type Pace, rotated, turn } from './measure.js'
import { type Peer, type Problem, problem, type Session } from './peer.js'
import type { Report } from './progress.js'
import type { Result } from './result.js'

/** How a bench is run. */
export interface Plan extends Extent {
  readonly runtime: string
  readonly peers: readonly Peer[]
  /** A session that copies memory, where there is one. */
  readonly copy: (layout: Layout) => Session | undefined
  readonly report: Report
}

/** Steps before the numbers of peers are compared. */
const compared = 3

/** A peer takes no more turns once it has taken so many times the time that was meant for all of its turns. */
const patience = 4

/** A contender in the rounds of one problem, and what is known of it so far. */
interface Contender {
  readonly name: string
  readonly open: () => Session | undefined
  readonly samples: number[]
  readonly peer?: Peer
  allocation?: Allocation
  difference?: number
  failed?: true
  /** Milliseconds of its turns so far. */
  spent: number
}

/** Compares and counts once; then every round takes times. A session lives for its turn: memory is short. */
const takeTurn = async (
  one: Contender,
  given: Problem,
  reference: { params?: readonly Float32Array[] },
  pace: Pace,
): Promise<void> => {
  const session = one.open()
  if (session === undefined) {
    one.failed = true
    return
  }
  try {
    if (one.samples.length === 0 && one.peer) {
      const params = await paramsAfter(session, compared)
      reference.params ??= params
      one.difference = difference(given.params, reference.params, params)
      if (one.peer.tfjs) {
        session.prepare(1)
        session.step() // the first step made the state
        one.allocation = await allocation(session)
      }
    }
    one.samples.push(...(await turn(session, pace)))
  } finally {
    session.close()
  }
}

const onProblem = async (plan: Plan, given: Problem, contenders: readonly Contender[]): Promise<void> => {
  const reference: { params?: readonly Float32Array[] } = {}
  const times = Array.from({ length: plan.rounds }, (_, round) =>
    turnTime(given.layout, plan.pace, round, plan.step),
  )
  const limit = patience * times.reduce((a, b) => a + b, 0)
  // the first round keeps the order, as it compares with the first
  for (const [round, time] of times.entries())
    for (const one of rotated(contenders, round)) {
      const start = performance.now()
      if (!one.failed && one.spent < limit)
        try {
          await takeTurn(one, given, reference, paceOf(plan.pace, round))
        } catch (error) {
          one.failed = true
          plan.report.say(`${one.name} failed on ${given.rule}, ${given.layout.name}: ${error}`)
        }
      one.spent += performance.now() - start
      plan.report.done(time)
    }
}

/** All results of a plan. */
export const run = async (plan: Plan): Promise<readonly Result[]> => {
  const results: Result[] = []
  for (const layout of plan.layouts)
    for (const [i, rule] of plan.rules.entries()) {
      const given = problem(rule, layout)
      const contenders: Contender[] = plan.peers.map((peer) => ({
        name: peer.name,
        peer,
        open: () => peer.open(given),
        samples: [],
        spent: 0,
      }))
      // a copy knows no rule, so one of them is enough
      const copy: Contender = { name: 'memcpy', open: () => plan.copy(layout), samples: [], spent: 0 }
      await onProblem(plan, given, i === 0 ? [...contenders, copy] : contenders)
      for (const { name, peer, samples, allocation, difference } of [...contenders, copy]) {
        if (samples.length === 0) continue
        results.push({
          runtime: plan.runtime,
          peer: name,
          rule: peer ? rule : 'copy',
          layout: layout.name,
          parameters: parametersOf(layout),
          ms: median(samples),
          least: Math.min(...samples),
          readings: samples.length,
          ...(allocation && { allocation }),
          ...(difference !== undefined && { difference }),
        })
      }
    }
  return results
}
