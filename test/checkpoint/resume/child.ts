/** The second process: takes up every journey where the first one has saved it, and writes where it ends. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '../../backends.js'
import { grounds, journeysOn, resumed } from './walk.js'

const [name = '', directory = ''] = process.argv.slice(2)
const ground = grounds[name]
if (ground === undefined) throw new Error(`no ground is called ${name}`)
await useBackend(ground.backend)
for (const [i, journey] of journeysOn(ground.kind).entries()) {
  try {
    const half = readFileSync(join(directory, `${i}.half`))
    writeFileSync(join(directory, `${i}.end`), resumed(journey, ground.kind, half))
  } catch (error) {
    writeFileSync(join(directory, `${i}.error`), String(error))
  }
}
