/** Where minimize ends, beside SciPy: `test/goldens/minimize.py`. */
import { minimize } from 'gradpipe'
import { describe, expect, it } from 'vitest'
import golden from '../goldens/minimize.json' with { type: 'json' }
import { type Problem, problems } from './problems.js'

/** The value changes by less than this, relative to its size, where both stop. */
const ftol = 1e7 * Number.EPSILON

/** How far apart minima of a gradient of 1e-10 may lie: a slope as flat as a cube's wants more. */
const apart: Readonly<Record<string, number>> = { 'powell singular': 1e-4 }

const problemOf = (name: string): Problem => {
  const found = problems.get(name)
  if (found === undefined) throw new Error(`no problem ${name}`)
  return found
}

describe.each(golden.cases)('$name', ({ name, x0, default: byDefault, minimum }) => {
  const problem = problemOf(name)
  const start = Float64Array.from(x0)

  it('comes as low as L-BFGS-B of SciPy, where both stop by default', () => {
    const { success, value, x } = minimize(problem, start)
    expect(success).toBe(byDefault.success)
    expect(value).toBe(problem(x).value)
    expect(value - byDefault.value).toBeLessThan(2 * ftol * Math.max(1, byDefault.value))
  })

  it('finds the same minimum', () => {
    const { status, value, x } = minimize(problem, start, { gtol: 1e-10, ftol: 0 })
    expect(status).toBe('gradient')
    expect(value - minimum.value).toBeLessThan(1e-14)
    const distance = x.map((xi, i) => {
      const there = minimum.x[i] ?? Number.NaN
      return Math.abs(xi - there) / Math.max(1, Math.abs(there))
    })
    expect(Math.max(...distance)).toBeLessThan(apart[name] ?? 1e-9)
  })

  it('comes as low by finite differences', () => {
    const { success, value, gradSource } = minimize((x: Float64Array) => problem(x).value, start)
    expect(gradSource).toBe('finiteDifferences')
    expect(success).toBe(byDefault.success)
    expect(value - byDefault.value).toBeLessThan(2 * ftol * Math.max(1, byDefault.value))
  })
})

it('holds every problem', () => {
  expect(golden.cases.map(({ name }) => name)).toEqual([...problems.keys()])
})
