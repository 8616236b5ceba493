/** What the tests of laws share: how hard to try, and on which kinds of leaves. */
import type { Kind } from '../../laws/index.js'

/** Cases per law and kind: `LAWS_RUNS`, or few enough for a minute in all. */
export const runsOf = (few: number): number => Number(process.env.LAWS_RUNS ?? few)

/** The kinds that need no backend. */
export const onNumbers: readonly Kind[] = ['number', 'float64', 'float32']
