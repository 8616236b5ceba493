/** What is kept of a run, and how it becomes a line. */

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

/** Makes of many points a few, each the mean of as many neighbours, at the last one's step. */
export const thinned = (points: readonly Point[]): readonly Point[] => {
  const width = Math.ceil(points.length / most)
  return Array.from({ length: width > 0 ? Math.ceil(points.length / width) : 0 }, (_, i) => {
    const some = points.slice(i * width, (i + 1) * width)
    const value = some.reduce((sum, { value }) => sum + value, 0) / some.length
    return { step: some.at(-1)?.step ?? 0, value }
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
