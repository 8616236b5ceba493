/**
 * What all schedules between two values share: $v = E + (I - E) w$, where the weight $w$ falls from 1 to 0.
 *
 * A schedule is then told by its weight: $(1 - x)^P$ is the polynomial one, $\frac{1}{2}(1 + \cos \pi x)$ the
 * cosine, $x \in [0, 1]$ being the part of the way that is done.
 */

/** `to`, and `weight` of the way back to `from`: exactly `from` at 1, where the formula would round. */
export const interpolate = (from: number, to: number, weight: number): number =>
  weight === 1 ? from : (from - to) * weight + to

/** The cosine weight: 1 at 0, ½ at ½, 0 at 1, flat at both ends. */
export const cosineWeight = (x: number): number => 0.5 * (1 + Math.cos(Math.PI * x))

/** The linear weight: 1 at 0, 0 at 1. */
export const linearWeight = (x: number): number => 1 - x
