/** How hard the tests try laws: a minute in all, or `LAWS_RUNS` cases per law and kind of leaves. */

const given = process.env.LAWS_RUNS

/** Whether somebody asked for more than what fits into a minute. */
export const isLong: boolean = given !== undefined

/** Cases per law and kind. */
export const runsOf = (few: number): number => Number(given ?? few)
