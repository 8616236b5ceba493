/**
 * The second process: asked for a ground, it takes up every journey from the checkpoint of the first one, and tells
 * where it ends.
 */
import { useBackend } from '../../backends.js'
import { grounds, journeysOn, resumed } from './walk.js'

/** A ground, and the checkpoints of its journeys, in their order; of one that failed there is none. */
export interface Asked {
  readonly name: string
  readonly halves: readonly (Uint8Array | undefined)[]
}

/** The ends of the journeys, or what went wrong. */
export type Ends = readonly (Uint8Array | string | undefined)[]

process.on('message', async ({ name, halves }: Asked) => {
  const ground = grounds[name]
  if (ground === undefined) throw new Error(`no ground is called ${name}`)
  await useBackend(ground.backend)
  const ends: Ends = journeysOn(ground).map((journey, i) => {
    const half = halves[i]
    if (half === undefined) return undefined
    try {
      return resumed(journey, ground.kind, half)
    } catch (error) {
      return String(error)
    }
  })
  process.send?.(ends)
})
