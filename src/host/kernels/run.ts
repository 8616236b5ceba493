/** Runs a job's phases: numbers on the host, loops by kernels, in turns. */
import type { Binding, Group } from './bind.js'
import { computeNumbers, type Machine, type Run } from './machine.js'
import { reduceStage } from './reduce.js'

/** Runs all phases: stage after stage of reductions, then the outputs. */
export const runAll = <L>(machine: Machine<L>, work: Run<L>['work'], binding: Binding<L>): void => {
  const run: Run<L> = { work, machine, sites: new Map() }
  for (let stage = 0; stage < binding.sites.length; stage++) reduceStage(run, binding, stage)
  // what is written into a donated slot must not be read by the next group: numbers are written last
  const writes: (readonly [index: number, i: number, row: number, value: number])[] = []
  for (let g = 0; g < binding.groups.length; g++) {
    const group = binding.groups[g] as Group<L>
    const { final } = group
    computeNumbers(run, group, final, (row, numbers, first) => {
      for (let i = 0; i < final.phase.ofNumbers.length; i++)
        writes.push([g, i, row, numbers[first + i] as number])
    })
    if (final.phase.loop.stores.length > 0) machine.store(group, g)
  }
  for (const [index, i, row, value] of writes) machine.write(index, i, row, value)
}
