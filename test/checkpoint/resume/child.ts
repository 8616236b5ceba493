/**
 * The second process: asked for a ground, it takes up every journey where the first one has saved it, and writes where
 * it ends.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '../../backends.js'
import { grounds, journeysOn, resumed } from './walk.js'

process.on('message', async ({ name, folder }: { readonly name: string; readonly folder: string }) => {
  const ground = grounds[name]
  if (ground === undefined) throw new Error(`no ground is called ${name}`)
  await useBackend(ground.backend)
  for (const [i, journey] of journeysOn(ground.kind).entries()) {
    try {
      const half = readFileSync(join(folder, `${i}.half`))
      writeFileSync(join(folder, `${i}.end`), resumed(journey, ground.kind, half))
    } catch (error) {
      writeFileSync(join(folder, `${i}.error`), String(error))
    }
  }
  process.send?.('done')
})
