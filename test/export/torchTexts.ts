/** What `toTorch` prints of the catalogue, as checksums: `npm run test:torch` keeps those of the texts that it has run. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue } from '../../laws/index.js'
import { GradpipeError } from '../../src/error.js'
import { toTorch } from '../../src/export/index.js'
import { firstParams, TABLE } from './cases.js'
import type { Worst } from './rows.js'

/** What `npm run test:torch` keeps. */
export interface Kept {
  readonly versions: Readonly<Record<string, string>>
  /** How far rows were off at most, in parts of a leaf's largest number. */
  readonly rows: Readonly<Record<string, Worst>>
  /** How far processes that train together were off one that trains alone. */
  readonly processes: Readonly<Record<string, number>>
  /** How often a step of the printed AdamW goes into the time of one of `torch.optim.AdamW`. */
  readonly speed: Readonly<Record<string, number>>
  /** The first 16 digits of each text's SHA-256. */
  readonly texts: Readonly<Record<string, string>>
}

/** Where it is kept. */
export const keptFile: string = join(import.meta.dirname, 'torch.json')

/** What the last run has kept. */
export const kept = (): Kept => JSON.parse(readFileSync(keptFile, 'utf8')) as Kept

/** The checksum of a text. */
export const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** The checksums of what is printed now. */
export const checksums = (): Readonly<Record<string, string>> => {
  const params = firstParams('float64')
  return Object.fromEntries(
    catalogue.flatMap((row) => {
      try {
        return [[row.call, checksum(toTorch(row.make(), params, { steps: TABLE }))]]
      } catch (error) {
        if (error instanceof GradpipeError) return []
        throw error
      }
    }),
  )
}
