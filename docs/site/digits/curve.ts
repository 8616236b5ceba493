/** What is kept of a run for the pictures: few points, however long it gets. */

/** A number after some steps. */
export interface Point {
  readonly step: number
  readonly value: number
}

/** A run, as it is drawn. */
export interface Curve {
  readonly name: string
  readonly losses: readonly Point[]
  readonly accuracies: readonly Point[]
}

/** More points than this are not seen in a picture of this size. */
const most = 300

/** Adds a point. When there are too many, every two become one: their mean, at the later's step. */
export const extended = (points: readonly Point[], point: Point): readonly Point[] => {
  const all = [...points, point]
  if (all.length < 2 * most) return all
  return all.flatMap((late, i) => {
    const early = all[i - 1]
    return i % 2 === 1 && early !== undefined
      ? [{ step: late.step, value: (early.value + late.value) / 2 }]
      : []
  })
}

/** A moving average that starts without a bias, so that the trend is seen through the noise of batches. */
export const smoothed = (points: readonly Point[], decay = 0.8): readonly Point[] => {
  let [sum, weight] = [0, 0]
  return points.map(({ step, value }) => {
    sum = decay * sum + (1 - decay) * value
    weight = decay * weight + (1 - decay)
    return { step, value: sum / weight }
  })
}
