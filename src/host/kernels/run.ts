/** Runs a job's phases: numbers on the host, loops by kernels, in turns. */
import { reductions } from '../brought.js'
import type { Binding, Group } from './binding.js'
import { computeNumbers, type Machine, type Run, readSlots } from './machine.js'

/** Computes a group's numbers: the uniforms of its last loop, and its outputs of one number, which are kept. */
const computeFinal = <L>(run: Run<L>, group: Group<L>): void => {
  const { final, singles, leaves } = group
  const { ofNumbers, loop } = final.phase
  for (let row = 0; row < leaves.length; row++) {
    if (!computeNumbers(run, group, final, row)) break
    for (let i = 0; i < ofNumbers.length; i++)
      singles[row * ofNumbers.length + i] = final.numbers[loop.uniforms.length + i] as number
  }
}

/** Runs all phases: stage after stage of reductions, then the outputs. */
export const runAll = <L>(machine: Machine<L>, work: Run<L>['work'], binding: Binding<L>): void => {
  const { groups, sites, values } = binding
  const run: Run<L> = { work, machine, sites: values }
  for (let g = 0; g < groups.length; g++) readSlots(run, groups[g] as Group<L>)
  for (let stage = 0; stage < sites.length; stage++) reductions().stage(run, binding, stage)
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g] as Group<L>
    computeFinal(run, group)
    if (group.final.phase.loop.stores.length > 0) machine.store(group, g)
  }
  // what is written into a donated slot must not be read by the next group: numbers are written last
  for (let g = 0; g < groups.length; g++) {
    const { final, singles, leaves } = groups[g] as Group<L>
    const { length } = final.phase.ofNumbers
    for (let row = 0; row < leaves.length; row++)
      for (let i = 0; i < length; i++) machine.write(g, i, row, singles[row * length + i] as number)
  }
}
