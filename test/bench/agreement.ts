/** Whether peers compute the same, so that none is fast because it is wrong. */
import type { Session } from './peer.js'
import type { Result } from './result.js'

/** Some steps, and the parameters after them. */
export const paramsAfter = async (session: Session, steps: number): Promise<readonly Float32Array[]> => {
  session.prepare(steps)
  for (let i = 0; i < steps; i++) session.step()
  return session.params()
}

/**
 * The largest difference between parameters, as a share of the largest change since the start; what float32 cannot
 * tell apart is no difference.
 */
export const difference = (
  start: readonly Float32Array[],
  a: readonly Float32Array[],
  b: readonly Float32Array[],
): number => {
  let [change, apart] = [0, 0]
  start.forEach((leaf, i) => {
    const [x, y] = [a[i], b[i]]
    if (x?.length !== leaf.length || y?.length !== leaf.length) {
      apart = Number.POSITIVE_INFINITY
      return
    }
    for (let j = 0; j < leaf.length; j++) {
      const [s, u, v] = [leaf[j] ?? 0, x[j] ?? 0, y[j] ?? 0]
      change = Math.max(change, Math.abs(u - s))
      // a few units in the last place of the parameter; not a number differs from everything
      const d = Math.abs(u - v) - Math.abs(s) * 2 ** -21
      apart = d <= 0 ? apart : Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(apart, d)
    }
  })
  return apart === 0 ? 0 : apart / change
}

/**
 * Peers round differently, and the bias correction of a float32 moment magnifies it. Some add up the squares of a
 * norm in float32, one after the other, which is a hundredth off for ten million of them.
 */
export const tolerance = (rule: Result['rule'], parameters = 0): number =>
  1e-3 + (rule === 'clip + adamw' || rule === 'lamb' ? 1e-9 * parameters : 0)
