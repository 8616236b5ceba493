/** Which losses the picture of losses shows. */
import type { Interval } from './functions.js'
import type { Lane } from './state.js'

/** Below this it makes no difference to look at. */
export const least: number = 1e-10

/** The powers of ten between which the losses are, up to a hundred times the first. */
export const lossRange = (lanes: readonly Lane[]): Interval => {
  const losses = lanes.flatMap(({ path }) => path.losses).filter((loss) => loss >= least)
  const first = Math.max(least, lanes[0]?.path.losses[0] ?? 1)
  const low = losses.reduce((a, b) => Math.min(a, b), first)
  const high = Math.min(
    first * 100,
    losses.reduce((a, b) => Math.max(a, b), first),
  )
  const powers = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))] as const
  return [10 ** powers[0], 10 ** (powers[0] === powers[1] ? powers[1] + 1 : powers[1])]
}
