/** The optimizer that an address brings along, by what `describe` says of it. */
import { fromDescription, GradpipeError } from 'gradpipe'
import type { Optimizer } from './optimizers.js'

/** Its name, in the address too. */
export const OWN = 'own'

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The optimizer of a description, as JSON; `undefined` if the text is none, or its masks are not for two numbers x and y. */
export const describedBy = (text: string): Optimizer | undefined => {
  const json = parsed(text)
  const read = fromDescription(json)
  if (read._tag === 'Left') return undefined
  const tx = read.right
  try {
    tx.init({ x: 0, y: 0 })
  } catch (error) {
    if (error instanceof GradpipeError) return undefined
    throw error
  }
  const description = JSON.stringify(json)
  return {
    name: OWN,
    title: 'Described',
    settings: [],
    make: () => tx,
    code: () => `described(${description})`,
    factory: 'fromDescription',
    // whether it does, only a step tells
    searches: true,
    description,
  }
}
