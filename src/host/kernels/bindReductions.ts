/** What binding keeps of stages of reductions: only who reduces brings it. */
import type { Stage } from '../../compile/passes.js'
import type { Bound, BoundStage, Planned, Site, Sites } from './binding.js'

/** The sites of a stage of the given groups. */
export const sitesOf = (groups: readonly Planned[], stage: number): Sites => {
  const sites = new Map<string, Site>()
  for (const { plan, precision } of groups)
    for (const { over, site, kind } of plan.stages[stage] ?? [])
      if (over === 'tree') {
        const isSingle = precision === 'float32' && (sites.get(site)?.isSingle ?? true)
        sites.set(site, { name: site, kind, isSingle })
      }
  const all = [...sites.values()]
  return {
    all,
    totals: new Float64Array(all.length),
    powers: new Float64Array(all.length).fill(1),
    hasNorms: all.some(({ kind }) => kind === 'norm'),
  }
}

/** A stage over so many leaves, with room for what it comes to. */
export const boundStage = <L>(bound: Bound<Stage, L>, sites: Sites, leaves: number): BoundStage<L> => {
  const { loop, ofNumbers } = bound.phase
  const reductions = [...loop.reductions, ...ofNumbers]
  const length = reductions.length * leaves
  return {
    ...bound,
    reductions,
    shares: new Float64Array(length),
    powers: new Float64Array(length).fill(1),
    sites: reductions.map(({ over, site }) =>
      over === 'leaf' ? -1 : sites.all.findIndex(({ name }) => name === site),
    ),
    hasNorms: reductions.some(({ kind }) => kind === 'norm'),
    hasOwn: reductions.some(({ over }) => over !== 'tree'),
  }
}
