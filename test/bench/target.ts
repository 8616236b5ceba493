/** What a target is, and the figures that it is made of. */
import type { Result } from './result.js'

/** Finds a result, if it was measured. */
export type Find = (peer: string, rule: Result['rule'], layout: string) => Result | undefined

/** A figure that is to be reached on some layouts. */
export interface Target {
  readonly text: string
  /** How the name of the runtime begins. */
  readonly runtime: string
  readonly bound: 'at least' | 'at most'
  readonly unit: string
  readonly figure: (find: Find, layout: string) => number | undefined
  /** The goal for each layout. */
  readonly goals: Readonly<Record<string, number>>
}

export type Goals = Target['goals']

/** The same goal for each. */
export const all = (layouts: readonly string[], goal: number): Goals =>
  Object.fromEntries(layouts.map((layout) => [layout, goal]))

/** The quotient of two steps' times, if both are known. */
export const quotient = (over: Result | undefined, under: Result | undefined): number | undefined =>
  over && under && over.ms / under.ms
