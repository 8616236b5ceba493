/** How the scalars of steps are declared, of several steps together. */
import type { DeclaredScalar, Step } from '../program/program.js'

/** The scalars of several steps, one step's after the other's; `undefined` where those of one are not known. */
export const allDeclared = (steps: readonly Step<unknown>[]): readonly DeclaredScalar[] | undefined => {
  const all: DeclaredScalar[] = []
  for (const { declared } of steps) {
    const own = declared()
    if (own === undefined) return undefined
    all.push(...own)
  }
  return all
}

/** Those of a step without scalars. */
export const noScalars = (): readonly DeclaredScalar[] => []
