/** Binds a job: compiles its passes, and makes room for their numbers. */
import { type Phase, passesOf } from '../../compile/passes.js'
import { exact } from '../../compile/tape.js'
import type { Precision } from '../../compile/wasm/width.js'
import { sizeOf } from '../../rule/leaf.js'
import { reductions } from '../brought.js'
import type { Refusal } from '../fallback.js'
import type { Job } from '../work.js'
import type { Binding, Bound, Group, Lay, Planned, Sites } from './binding.js'
import type { Compile, Kernel } from './compile.js'

const precisions: readonly Precision[] = ['float32', 'float64']

/** The leaves of each plan, by their precision. */
const groupsOf = (job: Job): readonly Planned[] =>
  [...job.plan.leaves.values()].flatMap((plan) =>
    precisions.flatMap((precision) => {
      const leaves = job.leaves.flatMap(({ plan: own, spec }, i) =>
        own === plan && spec.dtype === precision ? [i] : [],
      )
      return leaves.length === 0 ? [] : [{ plan, precision, leaves }]
    }),
  )

/** Binds a job. What is read and computed of leaves of some sizes may be kept from phase to phase. */
export const bind = <L>(
  job: Job,
  compile: Compile,
  lay: Lay<L>,
  keeps: (sizes: readonly number[]) => boolean = () => false,
): Binding<L> | Refusal => {
  let refused: Refusal | undefined
  const kernelOf = ({ loop }: Phase, precision: Precision): Kernel | null => {
    if (loop.stores.length + loop.reductions.length === 0) return null
    const kernel = compile(loop, precision)
    if (kernel === null || !('_tag' in kernel)) return kernel
    refused = kernel
    return null
  }
  const plans = groupsOf(job)
  const sites = Array.from({ length: job.plan.stages }, (_, stage) => reductions().sites(plans, stage))
  const groups = plans.map(({ plan, precision, leaves }): Group<L> => {
    const shapes = leaves.map((i) => job.leaves[i]?.spec.shape ?? [])
    const sizes = shapes.map(sizeOf)
    const round = precision === 'float32' ? Math.fround : exact
    const passes = passesOf(plan, job.host, round, keeps(sizes))
    const layout = lay(sizes, precision)
    const bound = <P extends Phase>(phase: P): Bound<P, L> => ({
      phase,
      kernel: kernelOf(phase, precision),
      numbers: new Float64Array(phase.tape.length),
      layout: layout(phase),
    })
    return {
      passes,
      precision,
      round,
      leaves,
      shapes,
      sizes,
      elements: sizes.reduce((total, size) => total + size, 0),
      stages: passes.stages.map((stage, i) =>
        reductions().bound(bound(stage), sites[i] as Sites, leaves.length),
      ),
      final: bound(passes.final),
      singles: new Float64Array(passes.final.ofNumbers.length * leaves.length),
      given: Float64Array.from(
        leaves.flatMap((i) => [
          ...passes.slots.map(() => Number.NaN),
          ...passes.scalars.map((node) => job.leaves[i]?.scalars.get(node) ?? Number.NaN),
        ]),
        round,
      ),
      perLeaf: [...passes.stages, passes.final].some(({ perLeaf }) => perLeaf),
      reduced: new Float64Array(passes.reductions.length * leaves.length),
    }
  })
  if (refused !== undefined) return refused
  return { groups, sites, values: new Map() }
}
